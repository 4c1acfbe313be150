//! What no box stands for, counted.

use topo_model::Symbol;

use crate::picture::{Change, Count};

/// Kinds that only hold others together: nobody asks how many there are.
const GLUE: &[&str] = &[
    "aws.acm.CertificateValidation",
    "aws.ec2.SecurityGroupRule",
    "aws.ec2.VpcPeeringAccepter",
    "aws.events.Target",
    "aws.iam.RolePolicyAttachment",
    "aws.s3.BucketPolicy",
    "aws.sns.TopicPolicy",
    "aws.sts.CallerIdentity",
];

/// Parts of kinds' names that people write otherwise.
const SPELLINGS: &[(&str, &str)] =
    &[("db ", "DB "), ("oidc", "OIDC"), ("vpc", "VPC"), ("eip", "elastic IP"), ("nat g", "NAT g")];

/// Counts by kind, in the order in which kinds first come.
#[derive(Debug, Default)]
pub(crate) struct Rest {
    kinds: Vec<(Symbol, usize, Option<Change>)>,
}

impl Rest {
    pub(crate) fn add(&mut self, kind: Symbol, change: Option<Change>) {
        if GLUE.contains(&kind.as_str()) {
            return;
        }
        match self.kinds.iter_mut().find(|(k, _, c)| *k == kind && *c == change) {
            Some((_, count, _)) => *count += 1,
            None => self.kinds.push((kind, 1, change)),
        }
    }

    pub(crate) fn counts(mut self) -> Vec<Count> {
        let count = |(kind, count, change): (Symbol, usize, Option<Change>)| {
            let sign = change.map_or("", Change::sign);
            let text = text(kind, count);
            Count { text: if sign.is_empty() { text } else { format!("{sign} {text}") }, change }
        };
        // What a plan changes first.
        self.kinds.sort_by_key(|(_, _, change)| matches!(change, None | Some(Change::Same)));
        self.kinds.into_iter().map(count).collect()
    }
}

/// `4 alarms`, from `aws.cloudwatch.Alarm`.
fn text(kind: Symbol, count: usize) -> String {
    let words = words(kind.as_str().rsplit('.').next().unwrap_or_default());
    match count {
        1 => format!("1 {words}"),
        n if words.ends_with("cy") || words.ends_with("ry") => format!("{n} {}ies", &words[..words.len() - 1]),
        n if words.ends_with('s') => format!("{n} {words}es"),
        n => format!("{n} {words}s"),
    }
}

/// `log group`, from `LogGroup`; `DB subnet group`, from `DBSubnetGroup`.
fn words(camel: &str) -> String {
    let letters: Vec<char> = camel.chars().collect();
    let mut words = String::new();
    for (at, c) in letters.iter().enumerate() {
        let small = |at: usize| letters.get(at).is_some_and(char::is_ascii_lowercase);
        if at > 0 && c.is_ascii_uppercase() && (small(at - 1) || small(at + 1)) {
            words.push(' ');
        }
        words.push(c.to_ascii_lowercase());
    }
    SPELLINGS.iter().fold(words, |words, (from, to)| words.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: &str, count: usize, expected: &str) {
        assert_eq!(text(Symbol::new(kind), count), expected);
    }

    #[test]
    fn kinds_are_counted_as_people_say_them() {
        check("aws.cloudwatch.Alarm", 1, "1 alarm");
        check("aws.logs.LogGroup", 2, "2 log groups");
        check("aws.iam.Policy", 3, "3 policies");
        check("aws.kms.Alias", 2, "2 aliases");
        check("aws.rds.DBSubnetGroup", 2, "2 DB subnet groups");
        check("aws.iam.OidcProvider", 1, "1 OIDC provider");
        check("aws.ec2.VpcEndpoint", 4, "4 VPC endpoints");
        check("aws.ec2.NatGateway", 2, "2 NAT gateways");
        check("aws.ec2.Eip", 2, "2 elastic IPs");
    }
}
