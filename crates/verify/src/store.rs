//! Data: what a loss takes of what was written.
//!
//! Each kind of store is judged by how AWS says it is kept: copies that a write waits for lose
//! nothing, copies that follow lose what they lag behind, and unless something bounds the lag there is
//! no bound. It refuses to know of records: who is led where is another question.

use topo_model::value::duration;
use topo_model::{ResId, Symbol, Value};

use crate::report::{Assumption, Kept, Loss, StoreLoss};
use crate::scene::{Scene, field, leads_to};

/// What is left of every store of an objective.
pub(crate) fn lose(scene: &Scene<'_>, stores: &[ResId], loss: &Loss) -> Vec<StoreLoss> {
    stores
        .iter()
        .map(|store| {
            let (kept, why) = kept(scene, *store, loss);
            StoreLoss { store: scene.address(*store), kept, why }
        })
        .collect()
}

fn kept(scene: &Scene<'_>, store: ResId, loss: &Loss) -> (Kept, String) {
    match scene.kind(store) {
        "aws.rds.GlobalCluster" => global_cluster(scene, store, loss),
        "aws.rds.DBCluster" => match scene.link(store, "global_cluster") {
            Some(global) => global_cluster(scene, global, loss),
            None => cluster(scene, store, loss),
        },
        "aws.rds.DBInstance" => match scene.link(store, "db_cluster") {
            Some(cluster) => kept(scene, cluster, loss),
            None => instance(scene, store, loss),
        },
        "aws.dynamodb.Table" => table(scene, store, loss),
        "aws.dynamodb.GlobalTable" => global_table(scene, store, loss),
        "aws.s3.Bucket" => bucket(scene, store, loss),
        kind => (Kept::Unbounded, format!("nothing is known of how {kind} keeps what is written")),
    }
}

fn all(why: &str) -> (Kept, String) {
    (Kept::Within(0), why.to_owned())
}

fn gone(why: impl Into<String>) -> (Kept, String) {
    (Kept::Nothing, why.into())
}

/// Whether a loss takes a region.
fn takes(loss: &Loss, region: Option<Symbol>) -> bool {
    matches!((loss, region), (Loss::Regions(regions), Some(region)) if regions.contains(&region))
}

/// Six copies over three zones, which every write waits for.
///
/// <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.AuroraHighAvailability.html>
fn cluster(scene: &Scene<'_>, cluster: ResId, loss: &Loss) -> (Kept, String) {
    if takes(loss, scene.region(cluster)) {
        return gone("the cluster is in no global cluster, so no other region holds its data");
    }
    all("Aurora keeps six copies over three zones")
}

/// The other regions follow the one that writes.
///
/// <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-disaster-recovery.html>
fn global_cluster(scene: &Scene<'_>, global: ResId, loss: &Loss) -> (Kept, String) {
    let members = scene.of("aws.rds.DBCluster").iter().copied();
    let members: Vec<ResId> = members.filter(|m| scene.link(*m, "global_cluster") == Some(global)).collect();
    // The one that has a user of its own writes; all others follow it.
    let writes = members.iter().copied().find(|m| !scene.get(*m, "master_username").is_none());
    let Some(writes) = writes.or_else(|| members.first().copied()) else {
        return gone("the global cluster has no cluster");
    };
    if !takes(loss, scene.region(writes)) {
        return all("the cluster that writes is not touched");
    }
    if members.iter().all(|m| takes(loss, scene.region(*m))) {
        return gone("no cluster of the global cluster is left");
    }
    match bounded_lag(scene, writes) {
        Some(ms) => {
            let why =
                format!("commits wait while the others are more than {} behind (`rds.global_db_rpo`)", duration(ms));
            (Kept::Within(ms), why)
        }
        None => {
            let why = "Aurora's other regions follow, usually within a second, and AWS gives no bound";
            (Kept::Unbounded, why.to_owned())
        }
    }
}

/// How far the other regions of an Aurora global database may be behind, in milliseconds.
fn bounded_lag(scene: &Scene<'_>, cluster: ResId) -> Option<i64> {
    let group = scene.link(cluster, "db_cluster_parameter_group")?;
    let Value::Map(parameters) = scene.get(group, "parameters") else { return None };
    let seconds: i64 = parameters.get(&Value::str("rds.global_db_rpo"))?.as_str()?.parse().ok()?;
    seconds.checked_mul(1000)
}

/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZSingleStandby.html>
fn instance(scene: &Scene<'_>, instance: ResId, loss: &Loss) -> (Kept, String) {
    if takes(loss, scene.region(instance)) {
        let replicas = scene.of("aws.rds.DBInstance").iter().copied();
        let mut replicas = replicas.filter(|r| scene.link(*r, "source_db_instance") == Some(instance));
        return match replicas.find(|r| !takes(loss, scene.region(*r))) {
            Some(replica) => {
                let why = format!("`{}` follows it, and AWS gives no bound of its lag", scene.address(replica));
                (Kept::Unbounded, why)
            }
            None => gone("no other region holds its data"),
        };
    }
    let Loss::Zone { region, zone } = loss else { return all("it is not touched") };
    if scene.region(instance) != Some(*region) {
        return all("it is not touched");
    }
    if scene.get(instance, "multi_az").as_bool() == Some(true) {
        return all("every write waits for the standby in another zone (`multi_az`)");
    }
    match scene.text(instance, "availability_zone") {
        Some(own) if own != zone.as_str() => all("it stands in another zone"),
        Some(_) => gone("it stands in that zone alone (`multi_az` is not set)"),
        None => gone("it stands in one zone, and nothing says in which (`multi_az` is not set)"),
    }
}

/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/disaster-recovery-resiliency.html>
fn table(scene: &Scene<'_>, table: ResId, loss: &Loss) -> (Kept, String) {
    if takes(loss, scene.region(table)) {
        return gone("it is no global table, so no other region holds its data");
    }
    all("DynamoDB keeps its copies over three zones")
}

/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html>
fn global_table(scene: &Scene<'_>, table: ResId, loss: &Loss) -> (Kept, String) {
    let regions = |name: &str| -> Vec<Symbol> {
        let all = scene.get(table, name).items().unwrap_or_default();
        all.iter().filter_map(|r| field(r, "region").and_then(Value::as_str).map(Symbol::new)).collect()
    };
    let replicas = regions("replicas");
    let lost = |regions: &[Symbol]| regions.iter().filter(|r| takes(loss, Some(**r))).count();
    let (gone_replicas, gone_witnesses) = (lost(&replicas), lost(&regions("global_table_witnesses")));
    if gone_replicas + gone_witnesses == 0 {
        return all("no region of it is touched");
    }
    if gone_replicas == replicas.len() {
        return gone("no replica is left");
    }
    match (scene.text(table, "multi_region_consistency"), gone_replicas + gone_witnesses) {
        (Some("STRONG"), 1) => all("every write waits for a second region (`multi_region_consistency`)"),
        (Some("STRONG"), _) => {
            let why = "of its three regions two are lost, and a write waited for two only";
            (Kept::Unbounded, why.to_owned())
        }
        _ => {
            let why = "its replicas follow, usually within a second, and AWS gives no bound";
            (Kept::Unbounded, why.to_owned())
        }
    }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-time-control.html>
fn bucket(scene: &Scene<'_>, bucket: ResId, loss: &Loss) -> (Kept, String) {
    if !takes(loss, scene.region(bucket)) {
        return all("S3 keeps objects in three zones at least");
    }
    let config = scene.get(bucket, "replication_configuration");
    let rules = field(config, "rules").and_then(Value::items).unwrap_or_default();
    let mut best = gone("no rule copies its objects to another region");
    for rule in rules.iter().filter(|rule| is(rule, "status", "Enabled")) {
        let Some(destination) = field(rule, "destination") else { continue };
        let Some(copy) = field(destination, "bucket").and_then(leads_to) else { continue };
        if takes(loss, scene.region(copy)) {
            continue;
        }
        let prefix = field(rule, "prefix").and_then(Value::as_str).unwrap_or_default();
        let timed = field(destination, "replication_time").is_some_and(|time| is(time, "status", "Enabled"));
        let to = scene.address(copy);
        let found = match (prefix, timed) {
            ("", true) => {
                let why = format!("`replication_time`: 99.9 % of its objects are in `{to}` within 15m");
                (Kept::Within(15 * 60_000), why)
            }
            ("", false) => (
                Kept::Unbounded,
                format!("its objects are copied to `{to}`, and without `replication_time` S3 gives no bound"),
            ),
            (prefix, _) => gone(format!("only objects whose names begin with {prefix} are copied to `{to}`")),
        };
        if found.0 < best.0 {
            best = found;
        }
    }
    best
}

/// Whether a record's field says a word; what it leaves out has the schema's default, `Enabled`.
fn is(record: &Value, name: &str, word: &str) -> bool {
    field(record, name).and_then(Value::as_str).unwrap_or("Enabled") == word
}

/// What a store's bound takes for granted.
pub(crate) fn taken_for_granted(loss: &StoreLoss) -> Option<Assumption> {
    match loss.kept {
        Kept::Within(0) | Kept::Nothing => None,
        Kept::Within(_) if loss.why.contains("99.9 %") => {
            Some(Assumption { name: "copies", text: format!("`{}`: all of what AWS promises of 99.9 %", loss.store) })
        }
        _ => {
            let text = format!("somebody makes another region's copy of `{}` the one that is written to", loss.store);
            Some(Assumption { name: "promotion", text })
        }
    }
}

/// What would lose less, for a store of this kind.
pub(crate) fn advice(scene: &Scene<'_>, store: ResId, loss: &Loss) -> &'static str {
    match (scene.kind(store), loss) {
        ("aws.rds.DBInstance", Loss::Zone { .. }) => "write `multi_az = true`",
        ("aws.rds.DBInstance", _) => {
            "a database that other regions hold within a bound is an Aurora global cluster with `rds.global_db_rpo`"
        }
        ("aws.rds.DBCluster" | "aws.rds.GlobalCluster", _) => {
            "with aurora-postgresql, clusters in two regions of one global cluster and `rds.global_db_rpo` in the parameter \
             group of the one that writes, the bound is what it says: 20s at the least"
        }
        ("aws.dynamodb.Table" | "aws.dynamodb.GlobalTable", _) => {
            "a GlobalTable with `multi_region_consistency = \"STRONG\"` in three regions of one set loses nothing with one of them"
        }
        ("aws.s3.Bucket", _) => {
            "a rule with `replication_time` to a bucket in another region has 99.9 % of the objects there within 15m: \
             an rpo of 15m or more can be met"
        }
        _ => "name a store of which it is known how it is kept",
    }
}
