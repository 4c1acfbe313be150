//! Simulators that keep to a wrong rule. Each is found out: it contradicts the proofs on some topology.

use topo_simulate::Rules;

use crate::cases;

/// A wrong rule: the documented ones with one method of another mind.
macro_rules! mutant {
    ($name:ident, $test:ident, $($method:tt)*) => {
        struct $name;

        impl Rules for $name {
            $($method)*
        }

        #[test]
        fn $test() {
            found_out(&$name);
        }
    };
}

#[track_caller]
fn found_out(rules: &dyn Rules) {
    assert!(cases().iter().any(|case| case.disagreement(rules, 0).is_some()), "no topology contradicts it");
}

mutant!(
    SecondaryOfTwoSick,
    the_secondary_where_neither_is_healthy,
    fn primary(&self, primary: bool, _: bool) -> bool {
        primary
    }
);
mutant!(
    PrimaryForEver,
    the_primary_for_ever,
    fn primary(&self, _: bool, _: bool) -> bool {
        true
    }
);
mutant!(
    NothingKept,
    answers_are_not_kept,
    fn kept(&self, _: i64) -> i64 {
        0
    }
);
mutant!(
    KeptTwice,
    answers_are_kept_twice_as_long,
    fn kept(&self, ttl: i64) -> i64 {
        2 * ttl
    }
);
mutant!(
    OneProbeLess,
    one_probe_less_is_enough,
    fn threshold(&self, configured: i64) -> i64 {
        (configured - 1).max(1)
    }
);
mutant!(
    OneProbeMore,
    one_probe_more_is_needed,
    fn threshold(&self, configured: i64) -> i64 {
        configured + 1
    }
);
mutant!(
    NoEvaluation,
    aliases_never_evaluate_their_targets,
    fn evaluates(&self, _: bool) -> bool {
        false
    }
);
mutant!(
    AlwaysEvaluation,
    aliases_always_evaluate_their_targets,
    fn evaluates(&self, _: bool) -> bool {
        true
    }
);
mutant!(
    QuorumInverted,
    healthy_while_less_than_18_percent_say_so,
    fn quorum(&self, healthy: usize, all: usize) -> bool {
        healthy * 100 <= all * 18
    }
);
mutant!(
    QuorumOfMost,
    healthy_while_most_say_so,
    fn quorum(&self, healthy: usize, all: usize) -> bool {
        healthy * 2 > all
    }
);
mutant!(
    ZeroNeverUsed,
    a_weight_of_zero_is_never_used,
    fn weighted(&self, records: &[(i64, bool)]) -> Vec<usize> {
        let heavy: Vec<usize> = (0..records.len()).filter(|at| records[*at].0 > 0).collect();
        let healthy: Vec<usize> = heavy.iter().copied().filter(|at| records[*at].1).collect();
        if healthy.is_empty() { heavy } else { healthy }
    }
);
mutant!(
    WeightsAreBlind,
    weighted_records_are_used_whatever_their_health,
    fn weighted(&self, records: &[(i64, bool)]) -> Vec<usize> {
        (0..records.len()).filter(|at| records[*at].0 > 0 || records.iter().all(|(weight, _)| *weight == 0)).collect()
    }
);
mutant!(
    DisabledIsSick,
    a_disabled_check_is_unhealthy,
    fn says(&self, found: bool, inverted: bool, disabled: bool) -> bool {
        (found && !disabled) != inverted
    }
);
mutant!(
    NeverInverted,
    checks_are_not_inverted,
    fn says(&self, found: bool, _: bool, disabled: bool) -> bool {
        found || disabled
    }
);
mutant!(
    AllTogether,
    an_alias_needs_every_record_healthy,
    fn together(&self, records: &[bool]) -> bool {
        !records.contains(&false)
    }
);
mutant!(
    EitherWillDo,
    a_check_or_a_healthy_target_is_enough,
    fn record(&self, check: Option<bool>, target: Option<bool>) -> bool {
        match (check, target) {
            (Some(check), Some(target)) => check || target,
            (check, target) => check.or(target).unwrap_or(true),
        }
    }
);
mutant!(
    NothingWhereNoneIsHealthy,
    nothing_is_answered_where_none_is_healthy,
    fn eligible(&self, healthy: &[bool]) -> Vec<usize> {
        (0..healthy.len()).filter(|at| healthy[*at]).collect()
    }
);
mutant!(
    SmallestPlaceForEver,
    the_smallest_place_is_answered_for_ever,
    fn geolocation(&self, _: &[bool]) -> usize {
        0
    }
);
mutant!(
    MoreThanTheThreshold,
    a_calculated_check_needs_more_than_its_threshold,
    fn calculated(&self, healthy: usize, threshold: i64) -> bool {
        healthy as i64 > threshold
    }
);
mutant!(
    ProbesFailAtOnce,
    probes_fail_at_once,
    fn timeout(&self, _: &str) -> i64 {
        0
    }
);
mutant!(
    BalancersForgotten,
    the_addresses_of_a_load_balancer_are_not_kept,
    fn kept_of_balancer(&self) -> i64 {
        0
    }
);
