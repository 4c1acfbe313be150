//! What the functions over ranges of addresses give and refuse.

use topo_model::Value;

use crate::calls::calls;
use crate::values::{cidr, ip, list, unknown};

const MIN: i64 = i64::MIN;
const MAX: i64 = i64::MAX;

fn x() -> Value {
    unknown("x")
}

#[test]
fn ranges_of_addresses() {
    let calls = calls! {
        [Cidr: "10.2.0.0/16"] [Cidr: "2001:db8::/56"] [Cidr: "10.2.0.1/16"] [Cidr: "10.2.0.0"] [Cidr: "10.2.0.0/33"]
        [Cidr: cidr("10.0.0.0/8")] [Cidr: x()] [Cidr: 1]
        [CidrSubnet: cidr("10.2.0.0/16"), 4, 0] [CidrSubnet: cidr("10.2.0.0/16"), 4, 15]
        [CidrSubnet: cidr("10.2.0.0/16"), 4, 16] [CidrSubnet: cidr("10.2.0.0/16"), 4, -1]
        [CidrSubnet: cidr("10.2.0.0/16"), 17, 0] [CidrSubnet: cidr("10.2.0.0/16"), 16, 65535]
        [CidrSubnet: cidr("10.2.0.0/16"), 0, 0] [CidrSubnet: cidr("10.2.0.0/16"), -1, 0]
        [CidrSubnet: cidr("10.2.0.0/16"), MAX, 0] [CidrSubnet: cidr("2001:db8::/56"), 8, 255]
        [CidrSubnet: cidr("2001:db8::/56"), 73, 0] [CidrSubnet: cidr("::/0"), 128, 1] [CidrSubnet: cidr("::/0"), 0, 0]
        [CidrSubnet: cidr("::/0"), 128, -1] [CidrSubnet: x(), 4, 0] [CidrSubnet: cidr("10.2.0.0/16"), 4, x()]
        [CidrSplit: cidr("10.2.0.0/16"), 3] [CidrSplit: cidr("10.2.0.0/16"), 1] [CidrSplit: cidr("10.2.0.0/16"), 0]
        [CidrSplit: cidr("10.2.0.0/16"), -1] [CidrSplit: cidr("10.2.0.0/30"), 5] [CidrSplit: cidr("10.2.0.0/30"), 4]
        [CidrSplit: cidr("10.0.0.0/8"), 2_000_000] [CidrSplit: cidr("2001:db8::/56"), 2] [CidrSplit: cidr("::/127"), 3]
        [CidrHost: cidr("10.2.0.0/24"), 5] [CidrHost: cidr("10.2.0.0/24"), -1] [CidrHost: cidr("10.2.0.0/24"), -256]
        [CidrHost: cidr("10.2.0.0/24"), 256] [CidrHost: cidr("10.2.0.0/24"), -257] [CidrHost: cidr("10.2.0.1/32"), 0]
        [CidrHost: cidr("10.2.0.1/32"), -1] [CidrHost: cidr("10.2.0.1/32"), 1] [CidrHost: cidr("::/0"), -1]
        [CidrHost: cidr("::/0"), MAX] [CidrHost: cidr("0.0.0.0/0"), MIN] [CidrHost: cidr("2001:db8::/64"), 1]
    };
    insta::assert_snapshot!(calls, @r#"
    cidr("10.2.0.0/16")  = 10.2.0.0/16
    cidr("2001:db8::/56")  = 2001:db8::/56
    cidr("10.2.0.1/16")  ! T0402 10.2.0.1/16 has host bits: behind its first 16 bits an address of a range is zero (write `10.2.0.0/16`)
    cidr("10.2.0.0")  ! T0402 "10.2.0.0" is not a range of addresses (write an address and the length of its prefix: `10.2.0.0/16`, `2001:db8::/56`)
    cidr("10.2.0.0/33")  ! T0402 "10.2.0.0/33" is not a range of addresses (write an address and the length of its prefix: `10.2.0.0/16`, `2001:db8::/56`)
    cidr(10.0.0.0/8)  = 10.0.0.0/8
    cidr(x)  waits
    cidr(1)  ! T0201 `cidr` takes a String here, found Int
    cidr.subnet(10.2.0.0/16, 4, 0)  = 10.2.0.0/20
    cidr.subnet(10.2.0.0/16, 4, 15)  = 10.2.240.0/20
    cidr.subnet(10.2.0.0/16, 4, 16)  ! T0402 10.2.0.0/16 has no part 16: 4 more bits of prefix make 2^4 = 16 parts of /20, from 0 to 15 (count from 0: the last part is 15)
    cidr.subnet(10.2.0.0/16, 4, -1)  ! T0402 10.2.0.0/16 has no part -1: 4 more bits of prefix make 2^4 = 16 parts of /20, from 0 to 15 (count from 0: the last part is 15)
    cidr.subnet(10.2.0.0/16, 17, 0)  ! T0402 10.2.0.0/16 has no room for 17 more bits of prefix: 16 + 17 = 33, and an IPv4 address has 32 bits (write how many bits longer the prefix of a part is: from 0 to 16)
    cidr.subnet(10.2.0.0/16, 16, 65535)  = 10.2.255.255/32
    cidr.subnet(10.2.0.0/16, 0, 0)  = 10.2.0.0/16
    cidr.subnet(10.2.0.0/16, -1, 0)  ! T0402 a part of 10.2.0.0/16 can't have a prefix that is -1 bits longer (write how many bits longer the prefix of a part is: from 0 to 16)
    cidr.subnet(10.2.0.0/16, 9223372036854775807, 0)  ! T0402 10.2.0.0/16 has no room for 9223372036854775807 more bits of prefix: 16 + 9223372036854775807 = 9223372036854775823, and an IPv4 address has 32 bits (write how many bits longer the prefix of a part is: from 0 to 16)
    cidr.subnet(2001:db8::/56, 8, 255)  = 2001:db8:0:ff::/64
    cidr.subnet(2001:db8::/56, 73, 0)  ! T0402 2001:db8::/56 has no room for 73 more bits of prefix: 56 + 73 = 129, and an IPv6 address has 128 bits (write how many bits longer the prefix of a part is: from 0 to 72)
    cidr.subnet(::/0, 128, 1)  = ::1/128
    cidr.subnet(::/0, 0, 0)  = ::/0
    cidr.subnet(::/0, 128, -1)  ! T0402 ::/0 has no part -1: 128 more bits of prefix make 2^128 parts of /128, from 0 to 340282366920938463463374607431768211455 (count from 0: the last part is 340282366920938463463374607431768211455)
    cidr.subnet(x, 4, 0)  waits
    cidr.subnet(10.2.0.0/16, 4, x)  waits
    cidr.split(10.2.0.0/16, 3)  = [10.2.0.0/18, 10.2.64.0/18, 10.2.128.0/18]
    cidr.split(10.2.0.0/16, 1)  = [10.2.0.0/16]
    cidr.split(10.2.0.0/16, 0)  = []
    cidr.split(10.2.0.0/16, -1)  ! T0402 10.2.0.0/16 can't be cut into -1 parts (write how many parts there are to be: 1 or more)
    cidr.split(10.2.0.0/30, 5)  ! T0402 10.2.0.0/30 can't be cut into 5 parts: they take 3 more bits of prefix (2^3 = 8), 30 + 3 = 33, and an IPv4 address has 32 bits (it has room for 2^2 = 4 parts: write fewer, or begin with a wider range)
    cidr.split(10.2.0.0/30, 4)  = [10.2.0.0/32, 10.2.0.1/32, 10.2.0.2/32, 10.2.0.3/32]
    cidr.split(10.0.0.0/8, 2000000)  ! T0205 `cidr.split` would give 2000000 elements: more than the 1000000 that a list may have
    cidr.split(2001:db8::/56, 2)  = [2001:db8::/57, 2001:db8:0:80::/57]
    cidr.split(::/127, 3)  ! T0402 ::/127 can't be cut into 3 parts: they take 2 more bits of prefix (2^2 = 4), 127 + 2 = 129, and an IPv6 address has 128 bits (it has room for 2^1 = 2 parts: write fewer, or begin with a wider range)
    cidr.host(10.2.0.0/24, 5)  = 10.2.0.5
    cidr.host(10.2.0.0/24, -1)  = 10.2.0.255
    cidr.host(10.2.0.0/24, -256)  = 10.2.0.0
    cidr.host(10.2.0.0/24, 256)  ! T0402 10.2.0.0/24 has no address 256: it has 2^8 = 256 addresses (count from 0 to 255, or from the end with -1)
    cidr.host(10.2.0.0/24, -257)  ! T0402 10.2.0.0/24 has no address -257: it has 2^8 = 256 addresses (count from 0 to 255, or from the end with -1)
    cidr.host(10.2.0.1/32, 0)  = 10.2.0.1
    cidr.host(10.2.0.1/32, -1)  = 10.2.0.1
    cidr.host(10.2.0.1/32, 1)  ! T0402 10.2.0.1/32 has no address 1: it has one address (count from 0 to 0, or from the end with -1)
    cidr.host(::/0, -1)  = ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff
    cidr.host(::/0, 9223372036854775807)  = ::7fff:ffff:ffff:ffff
    cidr.host(0.0.0.0/0, -9223372036854775808)  ! T0402 0.0.0.0/0 has no address -9223372036854775808: it has 2^32 = 4294967296 addresses (count from 0 to 4294967295, or from the end with -1)
    cidr.host(2001:db8::/64, 1)  = 2001:db8::1
    "#);
}

#[test]
fn ranges_together() {
    let calls = calls! {
        [CidrPrefix: cidr("10.2.0.0/16")] [CidrPrefix: cidr("::/0")] [CidrPrefix: x()] [CidrPrefix: "10.0.0.0/8"]
        [CidrOverlaps: cidr("10.0.0.0/8"), cidr("10.2.0.0/16")] [CidrOverlaps: cidr("10.2.0.0/16"), cidr("10.0.0.0/8")]
        [CidrOverlaps: cidr("10.0.0.0/16"), cidr("10.1.0.0/16")] [CidrOverlaps: cidr("0.0.0.0/0"), cidr("::/0")]
        [CidrContains: cidr("10.0.0.0/8"), cidr("10.2.0.0/16")] [CidrContains: cidr("10.2.0.0/16"), cidr("10.0.0.0/8")]
        [CidrContains: cidr("10.0.0.0/8"), ip("10.9.9.9")] [CidrContains: cidr("10.0.0.0/8"), ip("11.0.0.0")]
        [CidrContains: cidr("10.0.0.0/8"), ip("::1")] [CidrContains: cidr("10.0.0.0/8"), x()]
        [CidrContains: cidr("10.0.0.0/8"), "10.0.0.1"] [CidrOverlaps: x(), cidr("::/0")]
        [Disjoint: list![cidr("10.0.0.0/16"), cidr("10.1.0.0/16"), cidr("2001:db8::/56")]]
        [Disjoint: list![cidr("10.2.128.0/17"), cidr("10.1.0.0/16"), cidr("10.2.0.0/16")]]
        [Disjoint: list![cidr("10.2.0.0/16"), cidr("10.2.0.0/16")]] [Disjoint: list![]] [Disjoint: list![cidr("::/0"), x()]]
        [Disjoint: list!["10.0.0.0/8"]] [Disjoint: x()]
    };
    insta::assert_snapshot!(calls, @r#"
    cidr.prefix(10.2.0.0/16)  = 16
    cidr.prefix(::/0)  = 0
    cidr.prefix(x)  waits
    cidr.prefix("10.0.0.0/8")  ! T0201 `cidr.prefix` takes a Cidr here, found String
    cidr.overlaps(10.0.0.0/8, 10.2.0.0/16)  = true
    cidr.overlaps(10.2.0.0/16, 10.0.0.0/8)  = true
    cidr.overlaps(10.0.0.0/16, 10.1.0.0/16)  = false
    cidr.overlaps(0.0.0.0/0, ::/0)  = false
    cidr.contains(10.0.0.0/8, 10.2.0.0/16)  = true
    cidr.contains(10.2.0.0/16, 10.0.0.0/8)  = false
    cidr.contains(10.0.0.0/8, 10.9.9.9)  = true
    cidr.contains(10.0.0.0/8, 11.0.0.0)  = false
    cidr.contains(10.0.0.0/8, ::1)  = false
    cidr.contains(10.0.0.0/8, x)  waits
    cidr.contains(10.0.0.0/8, "10.0.0.1")  ! T0201 `cidr.contains` takes a Cidr or an Ip here, found String
    cidr.overlaps(x, ::/0)  waits
    disjoint([10.0.0.0/16, 10.1.0.0/16, 2001:db8::/56])  = true
    disjoint([10.2.128.0/17, 10.1.0.0/16, 10.2.0.0/16])  = false
    disjoint([10.2.0.0/16, 10.2.0.0/16])  = false
    disjoint([])  = true
    disjoint([::/0, x])  waits
    disjoint(["10.0.0.0/8"])  ! T0201 `disjoint` takes a List of Cidr here, found List
    disjoint(x)  waits
    "#);
}
