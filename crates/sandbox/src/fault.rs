//! What goes wrong, on request.
//!
//! Faults are written as a list, `kill@12,hide=2,out:ap-east-2`. Where one names a number,
//! it counts the *changing* calls of this process from 1: creates, converges, deletes and
//! batches (a batch is one call), refused ones too. Reads are not counted.
//!
//! | fault | what happens |
//! | --- | --- |
//! | `kill@N` | the process dies after call N took effect, before its answer |
//! | `kill-before@N` | the process dies before call N takes effect |
//! | `lose@N` | call N takes effect, but its answer is lost |
//! | `drop@N` | call N is lost on its way: no effect, no answer |
//! | `late@N` | the process dies, and call N lands just before the first change by a later process |
//! | `late@NxK` | the process dies, and call N lands after K reads by later processes |
//! | `hide=K` | what is created is not to be seen by the next K reads of it |
//! | `throttle@N`, `throttle@NxM` | calls N, or N up to N+M-1, are refused as too many |
//! | `fail:KIND[/REGION][xM]` | creates of the kind are refused, the first M of them or all |
//! | `fail-update:…`, `fail-delete:…` | the same for changes in place and deletes |
//! | `out:REGION` | the region can't be reached; global services are run from us-east-1 |
//! | `deny:KIND[/REGION]` | changes of the kind are not permitted |

use topo_model::{Catalogue, Operation, Symbol};
use topo_provider::{Error, ErrorKind};

/// What goes wrong, with each as it was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults(Vec<Fault>, Vec<String>);

/// A fault that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("can't read the fault '{fault}': {why}")]
pub struct FaultError {
    fault: String,
    why: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Fault {
    Kill { at: u64, before: bool },
    Lose { at: u64, before: bool },
    Late { at: u64, reads: Option<u64> },
    Hide(u64),
    Throttle { at: u64, count: u64 },
    Fail { operation: Operation, target: Target, first: Option<u64> },
    Out(Symbol),
    Deny(Target),
}

/// A kind, in one region or in all.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Target {
    kind: Symbol,
    region: Option<Symbol>,
}

/// What faults see of a call.
pub(crate) struct Call {
    pub(crate) number: u64,
    pub(crate) kind: Symbol,
    pub(crate) region: Option<Symbol>,
    pub(crate) operations: Vec<Operation>,
}

/// What becomes of a call before it takes effect.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Before {
    /// It goes on.
    Go,
    /// It is answered with an error.
    Refuse(Error),
    /// The process dies.
    Die,
    /// The process dies; the call lands later, after so many reads or at the next change.
    Late(Option<u64>),
}

/// What becomes of a call after it took effect.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// It is answered.
    Answer,
    /// Its answer is lost.
    Lose,
    /// The process dies.
    Die,
}

/// Where services that have no region are run from.
const HOME: &str = "us-east-1";

impl Faults {
    /// Reads a list of faults, separated by commas; an empty text is none.
    ///
    /// # Errors
    ///
    /// The first one that can't be read, with what is wrong with it.
    pub fn parse(text: &str) -> Result<Faults, FaultError> {
        let parts: Vec<&str> = text.split(',').map(str::trim).filter(|p| !p.is_empty()).collect();
        let read = |p: &&str| parse(p).map_err(|why| FaultError { fault: (*p).to_owned(), why });
        let faults = parts.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Faults(faults, parts.into_iter().map(str::to_owned).collect()))
    }

    /// Looks whether the kinds and regions that faults name can exist: a fault with a slip of
    /// the pen would never strike, and nobody would know.
    ///
    /// # Errors
    ///
    /// The first fault that names what there is not, with the names that are near.
    pub(crate) fn check(&self, catalogue: &Catalogue) -> Result<(), FaultError> {
        for (fault, text) in self.0.iter().zip(&self.1) {
            let (kind, region) = match fault {
                Fault::Out(region) => (None, Some(*region)),
                Fault::Fail { target, .. } | Fault::Deny(target) => (Some(target.kind), target.region),
                _ => continue,
            };
            let why = match (kind, region) {
                (Some(kind), _) if catalogue.by_name(kind).is_none() => no_kind(kind, catalogue),
                (_, Some(region)) if !is_region(region.as_str()) => {
                    format!("'{region}' is not a region; write one as 'ap-east-2'")
                }
                _ => continue,
            };
            return Err(FaultError { fault: text.clone(), why });
        }
        Ok(())
    }

    /// How many reads do not see a new object.
    pub(crate) fn hidden_reads(&self) -> u64 {
        self.0.iter().map(|f| if let Fault::Hide(reads) = f { *reads } else { 0 }).max().unwrap_or(0)
    }

    /// The refusal of any call to a region that can't be reached.
    pub(crate) fn outage(&self, region: Option<Symbol>) -> Result<(), Error> {
        let asked = region.map_or(HOME, Symbol::as_str);
        if self.0.iter().any(|f| matches!(f, Fault::Out(out) if *out == *asked)) {
            return Err(Error::new(ErrorKind::Outage, "ServiceUnavailable", format!("{asked} can't be reached")));
        }
        Ok(())
    }

    /// What becomes of a call before it takes effect. `used` counts, fault by fault, how
    /// often it has struck.
    pub(crate) fn before(&self, call: &Call, used: &mut Vec<u64>) -> Before {
        used.resize(self.0.len(), 0);
        let n = call.number;
        for fault in &self.0 {
            match fault {
                Fault::Kill { at, before: true } if *at == n => return Before::Die,
                Fault::Late { at, reads } if *at == n => return Before::Late(*reads),
                Fault::Lose { at, before: true } if *at == n => return Before::Refuse(lost()),
                _ => {}
            }
        }
        if let Err(outage) = self.outage(call.region) {
            return Before::Refuse(outage);
        }
        for (fault, used) in self.0.iter().zip(used) {
            if let Some(refusal) = fault.refuses(call, *used) {
                *used += 1;
                return Before::Refuse(refusal);
            }
        }
        Before::Go
    }

    /// What becomes of a call after it took effect.
    pub(crate) fn after(&self, number: u64) -> After {
        for fault in &self.0 {
            match fault {
                Fault::Kill { at, before: false } if *at == number => return After::Die,
                Fault::Lose { at, before: false } if *at == number => return After::Lose,
                _ => {}
            }
        }
        After::Answer
    }
}

impl Fault {
    fn refuses(&self, call: &Call, used: u64) -> Option<Error> {
        match self {
            Fault::Throttle { at, count } if (*at..at.saturating_add(*count)).contains(&call.number) => {
                Some(Error::new(ErrorKind::Throttled, "RequestLimitExceeded", "too many requests"))
            }
            Fault::Deny(target) if target.is(call) => {
                let text = format!("not permitted to change {}", call.kind);
                Some(Error::new(ErrorKind::Denied, "UnauthorizedOperation", text))
            }
            Fault::Fail { operation, target, first }
                if target.is(call) && call.operations.contains(operation) && first.is_none_or(|first| used < first) =>
            {
                let verb = match operation {
                    Operation::Create => "create",
                    Operation::Update => "update",
                    Operation::Delete => "delete",
                };
                let text = format!("a fault was asked for: no {verb} of {}", call.kind);
                Some(Error::new(ErrorKind::Invalid, "SandboxFault", text))
            }
            _ => None,
        }
    }
}

impl Target {
    fn is(&self, call: &Call) -> bool {
        self.kind == call.kind && (self.region.is_none() || self.region == call.region)
    }
}

/// No answer came.
pub(crate) fn lost() -> Error {
    Error::new(ErrorKind::Lost, "ConnectionReset", "the connection was lost before an answer came")
}

fn parse(text: &str) -> Result<Fault, String> {
    if let Some((name, rest)) = text.split_once('@') {
        return at(name, rest);
    }
    if let Some((name, rest)) = text.split_once(':') {
        return on(name, rest);
    }
    match text.split_once('=') {
        Some(("hide", reads)) => Ok(Fault::Hide(number(reads)?)),
        _ => Err("known are kill@, kill-before@, lose@, drop@, late@, throttle@, hide=, fail:, fail-update:, \
                  fail-delete:, out: and deny:"
            .to_owned()),
    }
}

fn at(name: &str, rest: &str) -> Result<Fault, String> {
    let (call, times) = times(rest)?;
    let at = number(call)?;
    if at == 0 {
        return Err("calls are counted from 1".to_owned());
    }
    if times.is_some() && !matches!(name, "late" | "throttle") {
        return Err(format!("'{name}@' takes the number of a call and nothing else"));
    }
    Ok(match name {
        "kill" => Fault::Kill { at, before: false },
        "kill-before" => Fault::Kill { at, before: true },
        "lose" => Fault::Lose { at, before: false },
        "drop" => Fault::Lose { at, before: true },
        "late" => Fault::Late { at, reads: times },
        "throttle" => Fault::Throttle { at, count: times.unwrap_or(1) },
        _ => return Err(format!("there is no '{name}@'")),
    })
}

fn on(name: &str, rest: &str) -> Result<Fault, String> {
    if rest.is_empty() {
        return Err("a name is missing after the colon".to_owned());
    }
    let operation = match name {
        "out" => return Ok(Fault::Out(Symbol::new(rest))),
        "deny" => return Ok(Fault::Deny(target(rest))),
        "fail" => Operation::Create,
        "fail-update" => Operation::Update,
        "fail-delete" => Operation::Delete,
        _ => return Err(format!("there is no '{name}:'")),
    };
    let (rest, first) = times(rest)?;
    Ok(Fault::Fail { operation, target: target(rest), first })
}

/// That there is no such kind, with those whose name ends alike, or all of them.
fn no_kind(kind: Symbol, catalogue: &Catalogue) -> String {
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let wanted = last(kind.as_str());
    let mut names: Vec<&str> = catalogue.kinds().iter().filter(|k| !k.state_only()).map(|k| k.name.as_str()).collect();
    names.sort_unstable();
    let near: Vec<&str> = names.iter().copied().filter(|name| alike(&last(name), &wanted)).collect();
    let known = if near.is_empty() { names } else { near };
    if known.is_empty() {
        return format!("the program has no kind '{kind}', nor any other");
    }
    format!("the program has no kind '{kind}'; it has {}", known.join(", "))
}

/// Whether two words are one, or the same but for one or two letters at their ends or within.
fn alike(a: &str, b: &str) -> bool {
    let same = |a: &mut dyn Iterator<Item = char>, b: &mut dyn Iterator<Item = char>| {
        a.zip(b).take_while(|(a, b)| a == b).count()
    };
    let (front, back) = (same(&mut a.chars(), &mut b.chars()), same(&mut a.chars().rev(), &mut b.chars().rev()));
    let longer = a.chars().count().max(b.chars().count());
    front + back + 2 >= longer && longer > 2
}

/// Whether a text has the form of a region: `ap-east-2`, `us-gov-west-1`.
fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let word = |part: &&str| part.len() > 1 && part.bytes().all(|b| b.is_ascii_lowercase());
    match parts.as_slice() {
        [area, words @ .., number] => {
            let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
            area.len() == 2 && word(area) && !words.is_empty() && words.iter().all(word) && digits
        }
        _ => false,
    }
}

fn target(text: &str) -> Target {
    match text.split_once('/') {
        Some((kind, region)) => Target { kind: Symbol::new(kind), region: Some(Symbol::new(region)) },
        None => Target { kind: Symbol::new(text), region: None },
    }
}

/// Cuts `x3` off the end. Names may hold an `x` too: only digits behind the last one count.
fn times(text: &str) -> Result<(&str, Option<u64>), String> {
    match text.rsplit_once('x') {
        Some((rest, digits)) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
            Ok((rest, Some(number(digits)?)))
        }
        _ => Ok((text, None)),
    }
}

fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("'{text}' is not a number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn strikes(faults: &str, number: u64, kind: &str, region: Option<&str>) -> Before {
        let faults = Faults::parse(faults).expect("the faults can be read");
        let call = Call {
            number,
            kind: Symbol::new(kind),
            region: region.map(Symbol::new),
            operations: vec![Operation::Create],
        };
        faults.before(&call, &mut Vec::new())
    }

    #[test]
    fn a_fault_strikes_the_call_it_names_and_no_other() {
        assert_eq!(strikes("kill-before@3", 3, "aws.ec2.Vpc", None), Before::Die);
        assert_eq!(strikes("kill-before@3", 4, "aws.ec2.Vpc", None), Before::Go);
        assert_eq!(strikes("late@2x5", 2, "aws.ec2.Vpc", None), Before::Late(Some(5)));
        assert_eq!(strikes("late@2", 2, "aws.ec2.Vpc", None), Before::Late(None));
        for (number, throttled) in [(2, false), (3, true), (7, true), (8, false)] {
            let refused = strikes("throttle@3x5", number, "aws.ec2.Vpc", None);
            assert_eq!(matches!(refused, Before::Refuse(e) if e.kind == ErrorKind::Throttled), throttled, "{number}");
        }
    }

    #[test]
    fn a_failing_kind_fails_in_its_region_as_often_as_it_says() {
        let faults = Faults::parse("fail:aws.ec2.Vpc/ap-east-2x2").expect("the fault can be read");
        let mut used = Vec::new();
        let mut ask = |number, region: &str| {
            let region = Some(Symbol::new(region));
            let call = Call { number, kind: Symbol::new("aws.ec2.Vpc"), region, operations: vec![Operation::Create] };
            faults.before(&call, &mut used) == Before::Go
        };
        assert_eq!([ask(1, "ap-northeast-1"), ask(2, "ap-east-2")], [true, false]);
        assert_eq!([ask(3, "ap-east-2"), ask(4, "ap-east-2")], [false, true]);
    }

    #[test]
    fn global_services_are_out_with_the_region_they_are_run_from() {
        let refused = strikes("out:us-east-1", 1, "aws.route53.HostedZone", None);
        assert!(matches!(refused, Before::Refuse(e) if e.kind == ErrorKind::Outage));
        assert_eq!(strikes("out:ap-east-2", 1, "aws.route53.HostedZone", None), Before::Go);
    }

    #[test]
    fn what_can_not_be_read_says_why() {
        let said = |text: &str| Faults::parse(text).expect_err("the fault can't be read").to_string();
        insta::assert_snapshot!(said("kill@x"), @"can't read the fault 'kill@x': 'x' is not a number");
        insta::assert_snapshot!(said("kill@0"), @"can't read the fault 'kill@0': calls are counted from 1");
        insta::assert_snapshot!(said("kill@2x3"), @"can't read the fault 'kill@2x3': 'kill@' takes the number of a call and nothing else");
        insta::assert_snapshot!(said("hide=2, out:"), @"can't read the fault 'out:': a name is missing after the colon");
        insta::assert_snapshot!(said("explode"), @"can't read the fault 'explode': known are kill@, kill-before@, lose@, drop@, late@, throttle@, hide=, fail:, fail-update:, fail-delete:, out: and deny:");
    }
}
