//! Rules that hold without a loss: what can't work whatever happens.

mod certificate;
mod design;
mod guard;
mod named;
mod probe;
mod route;
mod watch;

use topo_model::Diagnostic;

use crate::dns::Dns;
use crate::scene::Scene;

/// Judges everything by every rule.
pub(crate) fn judge(scene: &Scene<'_>, dns: &Dns, findings: &mut Vec<Diagnostic>) {
    probe::judge(scene, dns, findings);
    route::judge(scene, findings);
    guard::judge(scene, dns, findings);
    certificate::judge(scene, dns, findings);
    watch::judge(scene, findings);
    named::judge(scene, findings);
    design::judge(scene, dns, findings);
}
