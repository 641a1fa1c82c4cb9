//! ZIP files of others, read strictly. Spec: 07d-digidoc, DOC-1 to DOC-5.

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

use super::{DigidocError, MAX_CONTAINER, Rule};
use crate::asic::zip::crc32;

/// Most entries.
const MAX_ENTRIES: usize = 1000;
/// Deflated "at best", "fast" or "very fast": says nothing to a reader.
const LEVEL: u64 = 0b0110;
/// Sum and lengths stand behind the data too.
const DESCRIPTOR: u64 = 0b1000;
const UTF8: u64 = 1 << 11;

/// One file of a ZIP.
pub struct Entry {
    pub name: String,
    pub is_stored: bool,
    pub data: Vec<u8>,
}

/// What the directory says of an entry.
struct Listed<'a> {
    flags: u64,
    method: u64,
    sum: u64,
    packed: usize,
    length: usize,
    mode: u64,
    offset: usize,
    raw_name: &'a [u8],
}

/// Bytes that are taken from the front, numbers being little-endian.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self, length: usize) -> Option<u64> {
        Some(self.take(length)?.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn size(&mut self, length: usize) -> Option<usize> {
        usize::try_from(self.number(length)?).ok()
    }
}

/// The entries of a ZIP, inflated. DOC-1 to DOC-5.
pub fn read(file: &[u8]) -> Result<Vec<Entry>, DigidocError> {
    if file.len() > MAX_CONTAINER {
        return Err(Rule::Length.at("the container"));
    }
    let (list, begin) = directory(file).ok_or_else(|| Rule::Layout.at("the directory"))?;
    let total = list.iter().try_fold(0usize, |total, listed| total.checked_add(listed.length));
    if list.len() > MAX_ENTRIES || total.is_none_or(|total| total > MAX_CONTAINER) {
        return Err(Rule::Length.at("the directory"));
    }
    let mut rest = Bytes(file.get(..begin).unwrap_or_default());
    let mut entries: Vec<Entry> = Vec::new();
    for listed in &list {
        let name = name(listed)?;
        if listed.offset != begin - rest.0.len() {
            return Err(Rule::Layout.at(name));
        }
        let packed = entry(&mut rest, listed).ok_or_else(|| Rule::Layout.at(&*name))?;
        if entries.iter().any(|other| other.name.to_lowercase() == name.to_lowercase()) {
            return Err(Rule::SameName.at(name));
        }
        let data = unpack(packed, listed).ok_or_else(|| Rule::Data.at(&*name))?;
        entries.push(Entry { name, is_stored: listed.method == 0, data });
    }
    if rest.0.is_empty() { Ok(entries) } else { Err(Rule::Layout.at("behind the last entry")) }
}

/// What the directory lists, and where it begins.
fn directory(file: &[u8]) -> Option<(Vec<Listed<'_>>, usize)> {
    let at = file.windows(4).rposition(|window| window == b"PK\x05\x06")?;
    let mut end = Bytes(file.get(at + 4..)?);
    let (disk, first_disk, here, count) = (end.number(2)?, end.number(2)?, end.size(2)?, end.size(2)?);
    let (length, begin, comment) = (end.size(4)?, end.size(4)?, end.size(2)?);
    if (disk, first_disk, here) != (0, 0, count) || begin.checked_add(length)? != at || end.0.len() != comment {
        return None;
    }
    let mut bytes = Bytes(file.get(begin..at)?);
    let mut list = Vec::new();
    while !bytes.0.is_empty() {
        list.push(listed(&mut bytes)?);
    }
    (list.len() == count).then_some((list, begin))
}

fn listed<'a>(bytes: &mut Bytes<'a>) -> Option<Listed<'a>> {
    bytes.take(4).filter(|mark| *mark == b"PK\x01\x02")?;
    bytes.take(4)?; // versions
    let (flags, method) = (bytes.number(2)?, bytes.number(2)?);
    bytes.take(4)?; // time
    let (sum, packed, length) = (bytes.number(4)?, bytes.size(4)?, bytes.size(4)?);
    let (name, extra, comment) = (bytes.size(2)?, bytes.size(2)?, bytes.size(2)?);
    let disk = bytes.number(2)?;
    bytes.take(4)?; // whether it is text; what DOS thinks of it
    let (mode, offset) = (bytes.number(2)?, bytes.size(4)?);
    let raw_name = bytes.take(name)?;
    bytes.take(extra.checked_add(comment)?)?;
    let is_kept_in_order = disk == 0 && flags & !(LEVEL | DESCRIPTOR | UTF8) == 0;
    is_kept_in_order.then_some(Listed { flags, method, sum, packed, length, mode, offset, raw_name })
}

/// Takes an entry, its head being what the directory says, and gives its data as they are packed.
fn entry<'a>(rest: &mut Bytes<'a>, listed: &Listed<'_>) -> Option<&'a [u8]> {
    rest.take(4).filter(|mark| *mark == b"PK\x03\x04")?;
    rest.take(2)?; // version
    let (flags, method) = (rest.number(2)?, rest.number(2)?);
    rest.take(4)?; // time
    let described = (rest.number(4)?, rest.size(4)?, rest.size(4)?);
    let (name, extra) = (rest.size(2)?, rest.size(2)?);
    let raw_name = rest.take(name)?;
    rest.take(extra)?;
    let packed = rest.take(listed.packed)?;
    let wanted = (listed.sum, listed.packed, listed.length);
    let has_descriptor = flags & DESCRIPTOR != 0;
    if has_descriptor && (rest.take(4)? != b"PK\x07\x08" || (rest.number(4)?, rest.size(4)?, rest.size(4)?) != wanted) {
        return None;
    }
    let described_well = described == wanted || has_descriptor && described == (0, 0, 0);
    let kind = listed.mode >> 12; // of a Unix file; 0 where another system wrote the ZIP
    let kind_fits = if raw_name == b"META-INF/" { listed.length == 0 && matches!(kind, 0 | 4) } else { matches!(kind, 0 | 8) };
    (described_well && kind_fits && (flags, method, raw_name) == (listed.flags, listed.method, listed.raw_name)).then_some(packed)
}

/// DOC-4.
fn name(listed: &Listed<'_>) -> Result<String, DigidocError> {
    let raw = listed.raw_name;
    let refused = || Rule::Name.at(String::from_utf8_lossy(raw).escape_debug().to_string());
    let name = std::str::from_utf8(raw).map_err(|_| refused())?;
    let spelled = (1..=255).contains(&raw.len())
        && (raw.is_ascii() || listed.flags & UTF8 != 0)
        && !name.contains(|c: char| c.is_control() || c == '\\' || c == ':');
    let stays = name == "META-INF/" || name.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if spelled && stays { Ok(name.to_owned()) } else { Err(refused()) }
}

/// DOC-3.
fn unpack(packed: &[u8], listed: &Listed<'_>) -> Option<Vec<u8>> {
    let data = match listed.method {
        0 => packed.to_vec(),
        8 => {
            let mut data = vec![0; listed.length];
            let mut state = DecompressorOxide::new();
            let done = decompress(&mut state, packed, &mut data, 0, TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF);
            (done == (TINFLStatus::Done, packed.len(), listed.length)).then_some(data)?
        }
        _ => return None,
    };
    (data.len() == listed.length && u64::from(crc32(&data)) == listed.sum).then_some(data)
}
