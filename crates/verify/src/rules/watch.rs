//! Alarms that watch what they never see (T0701): a metric is in the region of what it is of, and an
//! alarm sees those of its own region only.

use topo_model::{Diagnostic, ResId, Symbol, Value};

use crate::scene::{Scene, field};

pub(super) fn judge(scene: &Scene<'_>, findings: &mut Vec<Diagnostic>) {
    for alarm in scene.of("aws.cloudwatch.Alarm") {
        findings.extend(elsewhere(scene, *alarm));
    }
}

/// Namespaces whose metrics are of one region, and are told apart by what stands there.
const REGIONAL: [&str; 14] = [
    "AWS/ApplicationELB",
    "AWS/AutoScaling",
    "AWS/CertificateManager",
    "AWS/EC2",
    "AWS/EKS",
    "AWS/Events",
    "AWS/GatewayELB",
    "AWS/Logs",
    "AWS/NATGateway",
    "AWS/NetworkELB",
    "AWS/PrivateLinkEndpoints",
    "AWS/RDS",
    "AWS/SNS",
    "AWS/TransitGateway",
];

/// An alarm on the metrics of a resource of another region.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html>
fn elsewhere(scene: &Scene<'_>, alarm: ResId) -> Option<Diagnostic> {
    let here = scene.region(alarm)?;
    let metrics = scene.get(alarm, "metrics").items().unwrap_or_default();
    let stats = metrics.iter().filter_map(|metric| field(metric, "metric_stat"));
    let several = stats.map(|stat| (field(stat, "namespace"), field(stat, "dimensions"), field(stat, "metric_name")));
    let one = ["namespace", "dimensions", "metric_name"].map(|name| Some(scene.get(alarm, name)));
    let (of, namespace, metric) = several.chain([one.into()]).find_map(|(namespace, dimensions, metric)| {
        let namespace = namespace?.as_str()?;
        let of = far(scene, dimensions?, here).filter(|_| REGIONAL.contains(&namespace))?;
        Some((of, namespace, metric?.as_str()?))
    })?;
    let (address, there) = (scene.address(of), scene.region(of)?);
    let message = format!(
        "`{}` is in {here} and watches {metric} of `{address}`, whose metrics ({namespace}) are in {there}: it never has data",
        scene.address(alarm)
    );
    let attribute = if metrics.is_empty() { "dimensions" } else { "metrics" };
    Some(
        Diagnostic::error(701, scene.span(alarm, attribute), message, format!("looked for in {here}"))
            .label(scene.place(of), format!("`{address}` is in {there}"))
            .help(format!("put the alarm beside what it watches: `at {there}`")),
    )
}

/// A resource of another region that dimensions name, where they name none of this one.
fn far(scene: &Scene<'_>, dimensions: &Value, here: Symbol) -> Option<ResId> {
    let (mut near, mut far) = (false, None);
    dimensions.for_each_resource(&mut |id| match scene.region(id) {
        Some(region) if region == here => near = true,
        Some(_) => far = far.or(Some(id)),
        None => {}
    });
    far.filter(|_| !near)
}
