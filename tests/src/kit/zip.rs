//! ZIP files without compression: the same bytes every time, and any tool opens them.

use std::collections::BTreeMap;

/// 1980-01-01, the first day that the format knows.
const DATE: u16 = (1 << 5) | 1;

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| (0..8).fold(crc ^ u32::from(*byte), |c, _| (c >> 1) ^ (0xedb8_8320 & (c & 1).wrapping_neg()));
    !bytes.iter().fold(!0, step)
}

/// What the local header and the directory have in common: version, flags, method, time, date, sum, sizes, lengths.
fn common(path: &str, bytes: &[u8]) -> Vec<u8> {
    let length = (bytes.len() as u32).to_le_bytes();
    let mut out = vec![10, 0, 0, 0, 0, 0, 0, 0];
    out.extend(DATE.to_le_bytes());
    out.extend(crc32(bytes).to_le_bytes());
    out.extend(length);
    out.extend(length);
    out.extend((path.len() as u16).to_le_bytes());
    out.extend([0, 0]);
    out
}

/// An archive of these files, each under `folder`.
pub fn pack(folder: &str, files: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (path, bytes) in files {
        let path = format!("{folder}/{path}");
        let (start, common) = (out.len() as u32, common(&path, bytes));
        out.extend(b"PK\x03\x04");
        out.extend(&common);
        out.extend(path.as_bytes());
        out.extend(bytes);
        directory.extend(b"PK\x01\x02\x14\x03");
        directory.extend(&common);
        directory.extend([0; 6]);
        directory.extend((0o100_644u32 << 16).to_le_bytes());
        directory.extend(start.to_le_bytes());
        directory.extend(path.as_bytes());
    }
    let (start, length, count) = (out.len() as u32, directory.len() as u32, (files.len() as u16).to_le_bytes());
    out.extend(directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count);
    out.extend(count);
    out.extend(length.to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc32(b""), 0);
    }
}
