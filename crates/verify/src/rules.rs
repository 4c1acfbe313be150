//! Rules that hold without a loss: what can't work whatever happens.

mod probe;

use topo_model::Diagnostic;

use crate::dns::Dns;
use crate::scene::Scene;

/// Judges everything by every rule.
pub(crate) fn judge(scene: &Scene<'_>, dns: &Dns, findings: &mut Vec<Diagnostic>) {
    probe::judge(scene, dns, findings);
}
