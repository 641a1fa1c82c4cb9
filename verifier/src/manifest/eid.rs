//! What the manifest asks of signing certificates besides, and of time stamps. Spec: 07c-evidence, Policy; MAN-16.

use super::parse::strings;
use super::rules::{Faults, anchors};
use crate::bytes::Fault;
use crate::json::Object;
use std::collections::HashSet;

/// Each is asked for if it is there.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Contents of OIDs, one of which a signing certificate must have as a policy.
    pub policies: Option<Vec<Vec<u8>>>,
    /// Status of certificates.
    pub ocsp: Option<Ocsp>,
    /// Time stamps.
    pub stamp: Option<Stamp>,
}

/// `eid.ocsp`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ocsp {
    /// Each ballot has an answer of its own.
    pub nonce: bool,
    /// Seconds.
    pub age: u64,
    /// Seconds.
    pub clock: u64,
}

/// `eid.stamp`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// DER certificates.
    pub anchors: Vec<Vec<u8>>,
    /// Contents of OIDs.
    pub policies: Vec<Vec<u8>>,
    /// Seconds.
    pub seconds: u64,
    /// Seconds.
    pub clock: u64,
}

/// The fields as they are written.
#[derive(Default)]
pub struct Fields {
    policies: Option<Vec<String>>,
    ocsp: Option<Ocsp>,
    stamp: Option<StampFields>,
}

struct StampFields {
    anchors: Vec<String>,
    policies: Vec<String>,
    seconds: u64,
    clock: u64,
}

impl Fields {
    /// Takes what is there of the three. MAN-2, MAN-3.
    pub fn take(eid: &mut Object<'_>) -> Result<Self, Fault> {
        let policies = eid.if_there("policies", |eid| strings(eid.array("policies")?, "eid.policies"))?;
        let ocsp = eid.if_there("ocsp", |eid| {
            let mut ocsp = Object::new(eid.take("ocsp")?, "eid.ocsp")?;
            let asked = Ocsp { nonce: ocsp.boolean("nonce")?, age: ocsp.number("age", 1, 864_000)?, clock: ocsp.number("clock", 10, 600)? };
            ocsp.finish()?;
            Ok(asked)
        })?;
        let stamp = eid.if_there("stamp", |eid| {
            let mut stamp = Object::new(eid.take("stamp")?, "eid.stamp")?;
            let asked = StampFields {
                anchors: strings(stamp.array("anchors")?, "eid.stamp.anchors")?,
                policies: strings(stamp.array("policies")?, "eid.stamp.policies")?,
                seconds: stamp.number("seconds", 10, 86_400)?,
                clock: stamp.number("clock", 10, 600)?,
            };
            stamp.finish()?;
            Ok(asked)
        })?;
        Ok(Self { policies, ocsp, stamp })
    }

    /// Reads lists and anchors. MAN-14, MAN-16.
    pub fn check(self, faults: &mut Faults) -> Asked {
        let policies = self.policies.map(|list| oids(&list, "eid.policies", faults));
        let stamp = self.stamp.map(|stamp| Stamp {
            anchors: anchors(&stamp.anchors, faults),
            policies: oids(&stamp.policies, "eid.stamp.policies", faults),
            seconds: stamp.seconds,
            clock: stamp.clock,
        });
        Asked { policies, ocsp: self.ocsp, stamp }
    }
}

/// A list of dotted OIDs.
fn oids(list: &[String], path: &str, faults: &mut Faults) -> Vec<Vec<u8>> {
    faults.require((1..=16).contains(&list.len()), "MAN-16", &format!("{path} has not 1 to 16 policies"));
    let distinct: HashSet<&String> = list.iter().collect();
    faults.require(distinct.len() == list.len(), "MAN-16", &format!("{path} has a policy twice"));
    let found: Option<Vec<Vec<u8>>> = list.iter().map(|text| oid(text)).collect();
    faults.require(found.is_some(), "MAN-16", &format!("{path} has something that is no dotted OID"));
    found.unwrap_or_default()
}

/// The content of a dotted OID.
fn oid(text: &str) -> Option<Vec<u8>> {
    let number = |part: &str| {
        let plain = part.bytes().all(|byte| byte.is_ascii_digit()) && (part == "0" || !part.starts_with('0'));
        part.parse::<u32>().ok().filter(|_| plain)
    };
    let numbers: Vec<u32> = text.split('.').map(number).collect::<Option<_>>()?;
    let [first, second, rest @ ..] = numbers.as_slice() else { return None };
    if numbers.len() > 20 || *first > 2 || (*first < 2 && *second > 39) {
        return None;
    }
    let head = u64::from(*first).saturating_mul(40).saturating_add(u64::from(*second));
    let mut content = Vec::new();
    for number in std::iter::once(head).chain(rest.iter().map(|number| u64::from(*number))) {
        let groups = (0..5u32).rev().map(|group| (group, number >> group.saturating_mul(7)));
        for (group, shifted) in groups.filter(|(group, shifted)| *group == 0 || *shifted > 0) {
            let more = if group == 0 { 0 } else { 0x80 };
            content.push(u8::try_from(shifted & 0x7F).unwrap_or(0) | more);
        }
    }
    Some(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dotted_oids() {
        assert_eq!(oid("1.2.840.10045.2.1"), Some(vec![0x2A, 0x86, 0x48, 0xCE, 0x3D, 2, 1]));
        assert_eq!(oid("0.4.0.194112.1.2"), Some(vec![4, 0, 0x8B, 0xEC, 0x40, 1, 2]));
        assert_eq!((oid("0.0"), oid("1.39"), oid("2.999.0")), (Some(vec![0]), Some(vec![79]), Some(vec![0x88, 0x37, 0])));
        assert_eq!(oid("2.4294967295"), Some(vec![0x90, 0x80, 0x80, 0x80, 0x4F]));
        assert_eq!(oid("1.2.128.4294967295"), Some(vec![0x2A, 0x81, 0, 0x8F, 0xFF, 0xFF, 0xFF, 0x7F]));
        assert!(oid(&["1"; 20].join(".")).is_some());
        let long = ["1"; 21].join(".");
        for bad in
            ["", "1", "3.1", "0.40", "1.40", "1.02", "1.2.", ".1.2", "1..2", "1.+2", "1.2.4294967296", "1.2.x", "01.2", " 1.2", &long]
        {
            assert_eq!(oid(bad), None, "{bad}");
        }
    }
}
