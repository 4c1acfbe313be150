//! Launch templates and their versions.

use topo_model::{Attributes, Symbol, Value};
use topo_provider::Error;

use super::{Asked, Codes, Made, Rule};
use crate::mint::Mint;
use crate::refusal::invalid;
use crate::stored::{Key, Stored};
use crate::world::World;

pub(crate) struct LaunchTemplate;

/// What a version is made of.
const VERSIONED: [&str; 2] = ["launch_template_data", "version_description"];
const NUMBERS: [&str; 2] = ["default_version_number", "latest_version_number"];

impl Rule for LaunchTemplate {
    fn prefix(&self) -> Option<&'static str> {
        Some("lt")
    }

    fn outputs(&self, _: &Mint, _: &Stored, outputs: &mut Attributes) {
        NUMBERS.iter().for_each(|name| outputs.set(Symbol::new(name), Value::str("1")));
    }

    /// A template names things and holds none of them.
    fn keeps(&self, _: &str) -> bool {
        false
    }

    fn codes(&self) -> Codes {
        Codes {
            missing: "InvalidLaunchTemplateId.NotFound",
            exists: "InvalidLaunchTemplateName.AlreadyExistsException",
            ..Codes::default()
        }
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let data = asked.object.get("launch_template_data").and_then(|data| data.field("user_data"));
        let encoded = |text: &str| {
            let body = text.trim_end_matches('=');
            let letters = body.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/');
            letters && text.len().is_multiple_of(4) && text.len() - body.len() <= 2
        };
        match data.and_then(Value::as_str) {
            Some(text) if !encoded(text) => {
                Err(invalid("InvalidUserData.Malformed", "user_data is not in Base64: write base64(…)"))
            }
            _ => Ok(()),
        }
    }

    /// A change of what it says is a new version, and the default from then on.
    fn done(&self, world: &mut World, key: Key, _: &Made<'_>) -> Result<(), Error> {
        let Some(mut template) = world.get(key).cloned() else { return Ok(()) };
        let now = VERSIONED.map(|name| template.get(name).cloned().unwrap_or_default());
        let before = VERSIONED.map(|name| template.facts.get(Symbol::new(name)).cloned());
        if before == now.clone().map(Some) {
            return Ok(());
        }
        for (name, value) in VERSIONED.iter().zip(now) {
            template.facts.set(Symbol::new(name), value);
        }
        if before.iter().any(Option::is_some) {
            let next = Value::str((latest(&template) + 1).to_string());
            NUMBERS.iter().for_each(|name| template.outputs.set(Symbol::new(name), next.clone()));
        }
        world.put(template);
        Ok(())
    }
}

/// The number of a template's newest version.
pub(super) fn latest(template: &Stored) -> u64 {
    let number = template.outputs.get(Symbol::new("latest_version_number")).and_then(Value::as_str);
    number.and_then(|number| number.parse().ok()).unwrap_or(1)
}
