//! ZIP files of stored entries, written in one way. Spec: 07b-asic-e, ZIP.

/// Names and data of the entries, in order.
type Entry<'a> = (&'a str, &'a [u8]);

/// The whole file: entries, directory, end.
pub fn write(list: &[Entry<'_>]) -> Vec<u8> {
    let mut file = entries(list);
    let begin = file.len();
    let mut offset = 0;
    for entry in list {
        let (name, _) = entry;
        file.extend([0x50, 0x4b, 0x01, 0x02, 20, 0]);
        file.extend(described(entry));
        file.extend([0; 10]); // comment, disk, attributes
        file.extend(small(offset));
        file.extend(name.as_bytes());
        offset += one(entry).len();
    }
    let count = u16::try_from(list.len()).unwrap_or(u16::MAX).to_le_bytes();
    let length = small(file.len() - begin);
    file.extend([0x50, 0x4b, 0x05, 0x06, 0, 0, 0, 0]);
    file.extend([count, count].concat());
    file.extend([length, small(begin)].concat());
    file.extend([0, 0]);
    file
}

/// The entries alone, one after the other from the beginning of a file.
pub fn entries(list: &[Entry<'_>]) -> Vec<u8> {
    list.iter().flat_map(one).collect()
}

fn one(entry: &Entry<'_>) -> Vec<u8> {
    let (name, data) = entry;
    [&[0x50, 0x4b, 0x03, 0x04], described(entry).as_slice(), name.as_bytes(), data].concat()
}

/// What entry and directory say alike: version, flags, method, time, sum, lengths. 26 bytes.
fn described((name, data): &Entry<'_>) -> Vec<u8> {
    let length = small(data.len());
    let name = u16::try_from(name.len()).unwrap_or(u16::MAX).to_le_bytes();
    [&[10, 0, 0, 0, 0, 0, 0, 0, 0x21, 0], crc32(data).to_le_bytes().as_slice(), &length, &length, &name, &[0, 0]].concat()
}

/// No container is near 4 GiB.
fn small(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes()
}

/// ISO 3309, bit by bit: containers are short.
pub fn crc32(bytes: &[u8]) -> u32 {
    let step = |sum: u32, byte: &u8| (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg()));
    !bytes.iter().fold(u32::MAX, step)
}

#[cfg(test)]
mod tests {
    #[test]
    fn check_value() {
        assert_eq!(super::crc32(b"123456789"), 0xcbf4_3926);
    }
}
