//! What keeps data: databases and tables, in one region and in several.

use topo_model::Value;
use topo_sandbox::Which;

use crate::support::*;

const GLOBAL: &str = "rds.GlobalCluster";
const TOKYO: &str = "rds.DBCluster@ap-northeast-1";
const OSAKA: &str = "rds.DBCluster@ap-northeast-3";
const HERE: &str = "rds.DBCluster@ap-east-2";
const SERVER: &str = "rds.DBInstance@ap-east-2";
const TABLE: &str = "dynamodb.Table@ap-east-2";
const GLOBAL_TABLE: &str = "dynamodb.GlobalTable@ap-northeast-1";

fn global(cloud: &Cloud) -> String {
    cloud.make(GLOBAL, "world", [("global_cluster_identifier", text("app")), ("engine", text("aurora-postgresql"))])
}

fn cluster(cloud: &Cloud, at: &str, name: &str, global: &str, leads: bool) -> Result<String, topo_provider::Error> {
    let [user, password] = if leads { ["app", "secret-word"].map(text) } else { [Value::None, Value::None] };
    let set = [
        ("db_cluster_identifier", text(name)),
        ("engine", text("aurora-postgresql")),
        ("global_cluster", text(global)),
        ("master_username", user),
        ("master_user_password", password),
    ];
    cloud.ask(at, name, set)
}

#[test]
fn of_a_global_cluster_the_first_leads_and_the_others_follow() {
    let (_dir, cloud) = stocked(0.0);
    let world = global(&cloud);
    insta::assert_snapshot!(refusal(cluster(&cloud, TOKYO, "first", &world, false)), @"Invalid InvalidParameterCombination: app has no cluster yet: its first one needs a master user");
    let first = cluster(&cloud, TOKYO, "first", &world, true).expect("it leads");
    insta::assert_snapshot!(refusal(cluster(&cloud, HERE, "second", &world, true)), @"Invalid InvalidParameterCombination: first takes writes in app: a cluster that follows has no master user");
    let second = cluster(&cloud, HERE, "second", &world, false).expect("it follows");
    insta::assert_snapshot!(refusal(cluster(&cloud, HERE, "third", &world, false)), @"Invalid InvalidGlobalClusterStateFault: app has second in this region already");
    insta::assert_snapshot!(refusal(cloud.delete(GLOBAL, &world)), @"Dependency InvalidGlobalClusterStateFault: app is used by first (aws.rds.DBCluster) and can't be deleted");
    insta::assert_snapshot!(refusal(cloud.delete(TOKYO, &first)), @"Dependency InvalidDBClusterStateFault: second follows first, which can't be deleted before it");
    cloud.delete(HERE, &second).expect("nothing follows it");
    cloud.delete(TOKYO, &first).expect("nothing follows it any more");
    cloud.delete(GLOBAL, &world).expect("it is empty");
}

#[test]
fn a_cluster_follows_one_that_is_ready() {
    let (_dir, cloud) = stocked(1.0);
    let world = global(&cloud);
    cloud.clock.advance(10_000);
    cluster(&cloud, TOKYO, "first", &world, true).expect("it leads");
    insta::assert_snapshot!(refusal(cluster(&cloud, HERE, "second", &world, false)), @"Conflict InvalidDBClusterStateFault: first is not ready yet");
    cloud.clock.advance(60_000);
    cluster(&cloud, HERE, "second", &world, false).expect("it follows");
}

#[test]
fn a_cluster_leaves_a_global_one_and_joins_none_later() {
    let (_dir, cloud) = stocked(0.0);
    let world = global(&cloud);
    let first = cluster(&cloud, TOKYO, "first", &world, true).expect("it leads");
    let alone = [
        ("db_cluster_identifier", text("alone")),
        ("engine", text("aurora-postgresql")),
        ("master_username", text("app")),
        ("master_user_password", text("secret-word")),
    ];
    let alone = cloud.make(OSAKA, "alone", alone);
    let joins = cloud.converge(OSAKA, &alone, "alone", [("global_cluster", text(&world))]);
    insta::assert_snapshot!(refusal(joins), @"Invalid InvalidParameterCombination: alone joins app when it is made, not later");
    cloud.converge(TOKYO, &first, "first", [("global_cluster", Value::None)]).expect("it leaves");
    cloud.delete(GLOBAL, &world).expect("it is empty");
}

#[test]
fn protected_databases_stay_and_those_with_servers_or_replicas_too() {
    let (_dir, cloud) = stocked(0.0);
    let set = |protect: bool| {
        [
            ("db_cluster_identifier", text("app")),
            ("engine", text("aurora-mysql")),
            ("master_username", text("app")),
            ("manage_master_user_password", Value::Bool(true)),
            ("deletion_protection", Value::Bool(protect)),
        ]
    };
    let cluster = cloud.make(HERE, "app", set(true));
    let server = [
        ("db_instance_identifier", text("app-1")),
        ("db_instance_class", text("db.r7g.large")),
        ("engine", text("aurora-mysql")),
        ("db_cluster", text(&cluster)),
    ];
    let server = cloud.make(SERVER, "app-1", server);
    insta::assert_snapshot!(refusal(cloud.delete(HERE, &cluster)), @"Invalid InvalidParameterCombination: app has deletion_protection and can't be deleted");
    cloud.converge(HERE, &cluster, "app", set(false)).expect("protection is taken off");
    insta::assert_snapshot!(refusal(cloud.delete(HERE, &cluster)), @"Dependency InvalidDBClusterStateFault: app is used by app-1 (aws.rds.DBInstance) and can't be deleted");
    cloud.delete(SERVER, &server).expect("nothing needs it");
    cloud.delete(HERE, &cluster).expect("nothing needs it");
}

#[test]
fn storage_never_shrinks() {
    let (_dir, cloud) = stocked(0.0);
    let set = |gib: i64| {
        [
            ("db_instance_identifier", text("db")),
            ("db_instance_class", text("db.m7g.large")),
            ("engine", text("postgres")),
            ("allocated_storage", Value::Size(gib << 30)),
            ("storage_encrypted", Value::Bool(true)),
            ("master_username", text("app")),
            ("manage_master_user_password", Value::Bool(true)),
        ]
    };
    let server = cloud.make(SERVER, "db", set(100));
    assert_eq!(cloud.get(SERVER, &server, "endpoint_port"), text("5432"));
    insta::assert_snapshot!(refusal(cloud.converge(SERVER, &server, "db", set(50))), @"Invalid InvalidParameterCombination: the storage of db can't shrink from 100GiB to 50GiB");
    cloud.converge(SERVER, &server, "db", set(200)).expect("it grows");
}

/// A table by name, with a key `id`.
fn table(name: &str) -> [(&'static str, Value); 3] {
    let definition = record([("attribute_name", text("id")), ("attribute_type", text("S"))]);
    let key = record([("attribute_name", text("id")), ("key_type", text("HASH"))]);
    [
        ("table_name", text(name)),
        ("attribute_definitions", Value::list(vec![definition])),
        ("key_schema", Value::list(vec![key])),
    ]
}

#[test]
fn a_replica_takes_the_place_of_a_table_in_its_region() {
    let (_dir, cloud) = stocked(0.0);
    let at = |name: &str, regions: &[&str]| {
        let replicas = regions.iter().map(|r| record([("region", region(r))])).collect();
        let [a, b, c] = table(name);
        cloud.ask(GLOBAL_TABLE, name, [a, b, c, ("replicas", Value::list(replicas))])
    };
    cloud.make(TABLE, "orders", table("orders"));
    insta::assert_snapshot!(refusal(at("orders", &["ap-northeast-1", "ap-east-2"])), @"Invalid ResourceInUseException: there is a table orders in ap-east-2 already");
    let global = at("carts", &["ap-northeast-1", "ap-east-2"]).expect("the name is free");
    insta::assert_snapshot!(refusal(cloud.ask(TABLE, "carts", table("carts"))), @"Invalid ResourceInUseException: there is a table carts in ap-east-2 already");
    let which = Which { id: &global, ..Which::default() };
    let guarded = [("region", region("ap-northeast-1")), ("deletion_protection_enabled", Value::Bool(true))];
    let replicas = Value::list(vec![record(guarded), record([("region", region("ap-east-2"))])]);
    cloud.sandbox.edit(which, "replicas", replicas).expect("it is changed");
    insta::assert_snapshot!(refusal(cloud.delete(GLOBAL_TABLE, &global)), @"Invalid ValidationException: the replica of carts in ap-northeast-1 has deletion_protection_enabled");
}
