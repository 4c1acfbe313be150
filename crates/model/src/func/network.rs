//! Ranges of addresses, IPv4 and IPv6 alike: a range is a number, a prefix and the width
//! of its family's addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use super::args::{Args, all_ground};
use super::choice::excerpt;
use super::{Func, FuncError, Outcome, Stop};
use crate::Value;

pub(super) fn apply(args: Args<'_>) -> Outcome {
    match args.func {
        Func::Cidr => match args.known(0)? {
            Value::Cidr(block) => Ok(Value::Cidr(*block)),
            _ => parse(args.text(0)?),
        },
        Func::CidrSubnet => subnet(args),
        Func::CidrSplit => split(args),
        Func::CidrHost => host(args),
        Func::CidrPrefix => Ok(Value::Int(i64::from(args.cidr(0)?.prefix_len()))),
        Func::CidrOverlaps => Ok(Value::Bool(overlap(args.cidr(0)?, args.cidr(1)?))),
        Func::CidrContains => Ok(Value::Bool(holds(args, args.cidr(0)?, 1)?)),
        _ => disjoint(args),
    }
}

/// Whether a range has all of the range, or the address, at `part`.
pub(super) fn holds(args: Args<'_>, block: IpNet, part: usize) -> Result<bool, Stop> {
    match args.known(part)? {
        Value::Cidr(inner) => Ok(block.contains(inner)),
        Value::Ip(address) => Ok(block.contains(address)),
        _ => Err(args.mismatch(part, "a Cidr or an Ip")),
    }
}

fn parse(text: &str) -> Outcome {
    let Ok(block) = text.parse::<IpNet>() else {
        let message = format!("{} is not a range of addresses", excerpt(text));
        return Err(FuncError::new(402, message)
            .help("write an address and the length of its prefix: `10.2.0.0/16`, `2001:db8::/56`")
            .into());
    };
    if block != block.trunc() {
        let (prefix, range) = (block.prefix_len(), block.trunc());
        let message = format!("{block} has host bits: behind its first {prefix} bits an address of a range is zero");
        return Err(FuncError::new(402, message).help(format!("write `{range}`")).into());
    }
    Ok(Value::Cidr(block))
}

/// A range as a number.
#[derive(Clone, Copy)]
struct Block {
    base: u128,
    prefix: u32,
    /// 32 or 128.
    width: u32,
}

impl Block {
    fn of(block: IpNet) -> Block {
        let (base, width) = match block.network() {
            IpAddr::V4(address) => (u128::from(address.to_bits()), 32),
            IpAddr::V6(address) => (address.to_bits(), 128),
        };
        Block { base, prefix: u32::from(block.prefix_len()), width }
    }

    fn address(self, offset: u128) -> IpAddr {
        let bits = self.base | offset;
        if self.width == 32 { Ipv4Addr::from_bits(bits as u32).into() } else { Ipv6Addr::from_bits(bits).into() }
    }

    /// The `index`-th part whose prefix is `new_bits` longer.
    fn part(self, new_bits: u32, index: u128) -> IpNet {
        let prefix = self.prefix + new_bits;
        // With a whole address as its prefix and no part but the first, nothing moves.
        let offset = index.checked_shl(self.width - prefix).unwrap_or(0);
        IpNet::new(self.address(offset), prefix as u8).expect("a prefix longer than an address; this is a bug in topo")
    }

    /// How much longer the prefix of a part may be.
    fn room(self) -> String {
        format!("write how many bits longer the prefix of a part is: from 0 to {}", self.width - self.prefix)
    }

    fn family(self) -> &'static str {
        if self.width == 32 { "IPv4" } else { "IPv6" }
    }

    /// Why there is no room for so many more bits.
    fn too_small(self, block: IpNet, new_bits: impl std::fmt::Display, longer: i128) -> String {
        let (prefix, width) = (self.prefix, self.width);
        let family = self.family();
        format!(
            "{block} has no room for {new_bits} more bits of prefix: {prefix} + {new_bits} = {longer}, \
             and an {family} address has {width} bits"
        )
    }
}

/// The largest offset that so many bits can tell apart.
fn last(bits: u32) -> u128 {
    u128::MAX.checked_shr(128 - bits).unwrap_or(0)
}

fn subnet(args: Args<'_>) -> Outcome {
    let (net, new_bits, index) = (args.cidr(0)?, args.int(1)?, args.int(2)?);
    let block = Block::of(net);
    let longer = i128::from(block.prefix) + i128::from(new_bits);
    if new_bits < 0 {
        let message = format!("a part of {net} can't have a prefix that is {new_bits} bits longer");
        return Err(FuncError::new(402, message).help(block.room()).into());
    }
    if longer > i128::from(block.width) {
        return Err(FuncError::new(402, block.too_small(net, new_bits, longer)).help(block.room()).into());
    }
    let bits = new_bits as u32;
    match u128::try_from(index) {
        Ok(index) if index <= last(bits) => Ok(Value::Cidr(block.part(bits, index))),
        _ => {
            let parts = power(bits);
            let message = format!(
                "{net} has no part {index}: {bits} more bits of prefix make {parts} parts of /{longer}, from 0 to {}",
                last(bits)
            );
            Err(FuncError::new(402, message).help(format!("count from 0: the last part is {}", last(bits))).into())
        }
    }
}

/// `2^3 = 8`; without the result where it is too long to help.
fn power(bits: u32) -> String {
    if bits < 64 { format!("2^{bits} = {}", 1_u64 << bits) } else { format!("2^{bits}") }
}

fn split(args: Args<'_>) -> Outcome {
    let (net, parts) = (args.cidr(0)?, args.int(1)?);
    let block = Block::of(net);
    let Ok(count) = u64::try_from(parts) else {
        return Err(FuncError::new(402, format!("{net} can't be cut into {parts} parts"))
            .help("write how many parts there are to be: 1 or more")
            .into());
    };
    args.check_length(i128::from(count))?;
    let bits = count.max(1).next_power_of_two().trailing_zeros();
    let longer = block.prefix + bits;
    if longer > block.width {
        let (prefix, width, family) = (block.prefix, block.width, block.family());
        let (cut, room) = (power(bits), power(width - prefix));
        let message = format!(
            "{net} can't be cut into {parts} parts: they take {bits} more bits of prefix ({cut}), \
             {prefix} + {bits} = {longer}, and an {family} address has {width} bits"
        );
        return Err(FuncError::new(402, message)
            .help(format!("it has room for {room} parts: write fewer, or begin with a wider range"))
            .into());
    }
    Ok(Value::list((0..count).map(|i| Value::Cidr(block.part(bits, u128::from(i)))).collect()))
}

fn host(args: Args<'_>) -> Outcome {
    let (net, index) = (args.cidr(0)?, args.int(1)?);
    let block = Block::of(net);
    let bits = block.width - block.prefix;
    let last = last(bits);
    let offset = match u128::try_from(index) {
        Ok(offset) => Some(offset).filter(|offset| *offset <= last),
        // -1 is the last one.
        Err(_) => last.checked_sub(u128::from(index.unsigned_abs()) - 1),
    };
    let offset = offset.ok_or_else(|| {
        let addresses = if bits == 0 { "one address".to_owned() } else { format!("{} addresses", power(bits)) };
        let message = format!("{net} has no address {index}: it has {addresses}");
        FuncError::new(402, message).help(format!("count from 0 to {last}, or from the end with -1"))
    })?;
    Ok(Value::Ip(block.address(offset)))
}

fn overlap(a: IpNet, b: IpNet) -> bool {
    a.contains(&b) || b.contains(&a)
}

fn disjoint(args: Args<'_>) -> Outcome {
    let mut blocks = Vec::new();
    let items = args.list(0)?;
    all_ground(items)?;
    for item in items {
        match item {
            Value::Cidr(block) => blocks.push(*block),
            _ => return Err(args.mismatch(0, "a List of Cidr")),
        }
    }
    // Ranges lie one in another or apart: what overlaps at all overlaps the next one in order.
    blocks.sort_unstable();
    Ok(Value::Bool(blocks.windows(2).all(|pair| !overlap(pair[0], pair[1]))))
}
