//! Parameters: their names, sizes and tiers.

use topo_model::Symbol;
use topo_provider::Error;

use super::{ACCOUNT, Asked, Codes, Rule};
use crate::mint::Mint;
use crate::refusal::invalid;
use crate::stored::Stored;

pub(crate) struct Parameter;

impl Rule for Parameter {
    fn id(&self, _: &Mint, object: &Stored) -> String {
        object.text("name").unwrap_or_default().to_owned()
    }

    fn arn(&self, object: &Stored) -> String {
        let region = object.region.map_or("", Symbol::as_str);
        format!("arn:aws:ssm:{region}:{ACCOUNT}:parameter/{}", object.id.trim_start_matches('/'))
    }

    fn codes(&self) -> Codes {
        Codes { missing: "ParameterNotFound", exists: "ParameterAlreadyExists", ..Codes::default() }
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let parameter = asked.object;
        named(parameter.text("name").unwrap_or_default())?;
        // Of a secret no value gets here, only where it comes from.
        let secret = parameter.get("secure_value").is_some();
        if secret != (parameter.text("type") == Some("SecureString")) {
            let text = "a SecureString has a secret for its value, and the other types have none";
            return Err(invalid("ValidationException", text));
        }
        let value = parameter.text("value").unwrap_or_default();
        let limit = if parameter.text("tier") == Some("Standard") { 4096 } else { 8192 };
        if value.is_empty() && !secret {
            return Err(invalid("ValidationException", "a parameter can't be empty"));
        }
        if value.len() > limit {
            let text = format!("a value of {} bytes is longer than {limit}", value.len());
            return Err(invalid("ValidationException", text));
        }
        let before = asked.before.and_then(|before| before.text("tier"));
        if before == Some("Advanced") && parameter.text("tier") == Some("Standard") {
            return Err(invalid("ValidationException", "a parameter never goes back from the advanced tier"));
        }
        Ok(())
    }
}

fn named(name: &str) -> Result<(), Error> {
    let letter = |b: u8| b.is_ascii_alphanumeric() || b"_.-/".contains(&b);
    let first = name.trim_start_matches('/').split('/').next().unwrap_or_default().to_ascii_lowercase();
    let why = if name.is_empty() || !name.bytes().all(letter) {
        "only letters, digits and _.-/ are allowed"
    } else if name.contains('/') && !name.starts_with('/') {
        "a name with a slash in it begins with one"
    } else if name.ends_with('/') || name.contains("//") {
        "every part between slashes has a name"
    } else if name.split('/').count() > 16 {
        "there are fifteen levels at most"
    } else if name.len() > 1011 {
        "it is longer than 1011 characters"
    } else if first.starts_with("aws") || first.starts_with("ssm") {
        "names that begin with aws or ssm are Amazon's"
    } else {
        return Ok(());
    };
    Err(invalid("ValidationException", format!("'{name}' can't be a parameter's name: {why}")))
}
