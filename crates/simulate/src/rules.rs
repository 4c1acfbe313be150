//! What Route 53 does, a method a rule, each with the page that says so.
//!
//! The methods are the documented rules; [`Documented`] takes them as they are. A test that asks whether a
//! wrong rule would be noticed overrides one of them.

/// The rules.
pub trait Rules {
    /// Whether a check is healthy of which this many checkers, of so many, say so: more than 18 % must.
    ///
    /// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html>
    fn quorum(&self, healthy: usize, all: usize) -> bool {
        healthy * 100 > all * 18
    }

    /// How many results in a row change a checker's mind.
    ///
    /// <https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html>
    fn threshold(&self, configured: i64) -> i64 {
        configured
    }

    /// After how long a probe that nobody answers has failed, in milliseconds. HTTP and HTTPS: four seconds to
    /// connect, two to answer, and two more for a text that is looked for; TCP: ten to connect.
    ///
    /// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html>
    fn timeout(&self, protocol: &str) -> i64 {
        match protocol {
            "TCP" => 10_000,
            "HTTP_STR_MATCH" | "HTTPS_STR_MATCH" => 8_000,
            _ => 6_000,
        }
    }

    /// What a check says of what its probe found: a disabled one takes it for good, an inverted one
    /// says the opposite.
    ///
    /// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html>
    fn says(&self, found: bool, inverted: bool, disabled: bool) -> bool {
        (found || disabled) != inverted
    }

    /// Whether a calculated check is healthy of which so many children are.
    ///
    /// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html>
    fn calculated(&self, healthy: usize, threshold: i64) -> bool {
        healthy as i64 >= threshold
    }

    /// Whether a record is healthy: by its check, and, if it is an alias that evaluates its target, by
    /// that. What is not there is `None` and does not count.
    ///
    /// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-complex-configs.html>
    fn record(&self, check: Option<bool>, target: Option<bool>) -> bool {
        check.unwrap_or(true) && target.unwrap_or(true)
    }

    /// What an alias takes from its target: nothing, where it does not evaluate it.
    ///
    /// <https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html>
    fn evaluates(&self, evaluate_target_health: bool) -> bool {
        evaluate_target_health
    }

    /// Whether the records of a name and type are healthy together, for an alias that stands for them.
    ///
    /// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-how-route-53-chooses-records.html>
    fn together(&self, records: &[bool]) -> bool {
        records.contains(&true)
    }

    /// Whether the primary is answered: while it is healthy, and where neither is.
    ///
    /// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-how-route-53-chooses-records.html>
    fn primary(&self, primary: bool, secondary: bool) -> bool {
        primary || !secondary
    }

    /// The records, of several equal ones, among which the policy chooses: the healthy ones, or all
    /// where none is.
    ///
    /// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-how-route-53-chooses-records.html>
    fn eligible(&self, healthy: &[bool]) -> Vec<usize> {
        let all = !healthy.contains(&true);
        (0..healthy.len()).filter(|at| all || healthy[*at]).collect()
    }

    /// The same of weighted records, each a weight and its health. Those of weight 0 are used only while
    /// every other is unhealthy; where none at all is healthy, all count as healthy. Equal shares
    /// where all weights are 0.
    ///
    /// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy-weighted.html>
    fn weighted(&self, records: &[(i64, bool)]) -> Vec<usize> {
        let of = |heavy: bool, sick: bool| -> Vec<usize> {
            let fits = |(weight, healthy): &(i64, bool)| (*weight > 0) == heavy && (sick || *healthy);
            (0..records.len()).filter(|at| fits(&records[*at])).collect()
        };
        let tiers = [of(true, false), of(false, false), of(true, true), of(false, true)];
        tiers.into_iter().find(|tier| !tier.is_empty()).unwrap_or_default()
    }

    /// The record, of those of the places around somebody, from the smallest to the whole world, that
    /// is answered: the first that is healthy, or the smallest.
    ///
    /// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-geo.html>
    fn geolocation(&self, around: &[bool]) -> usize {
        around.iter().position(|healthy| *healthy).unwrap_or(0)
    }

    /// How long resolvers keep an answer, in milliseconds.
    ///
    /// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-shared.html>
    fn kept(&self, ttl: i64) -> i64 {
        ttl
    }

    /// How long they keep the addresses of a load balancer, in milliseconds.
    ///
    /// <https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html>
    fn kept_of_balancer(&self) -> i64 {
        60_000
    }
}

/// The rules as AWS documents them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Documented;

impl Rules for Documented {}
