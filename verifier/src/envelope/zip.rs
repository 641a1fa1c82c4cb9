//! A ZIP file of stored entries, of which every byte follows from their names and contents. Spec: 07b-asic-e, ZIP.

/// The whole file.
pub fn write(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for (name, data) in files {
        let offset = number(file.len());
        file.extend(entry(name, data));
        directory.extend([0x50, 0x4B, 0x01, 0x02, 20, 0]);
        directory.extend(attributes(name, data));
        directory.extend([0; 10]);
        directory.extend(offset);
        directory.extend(name.as_bytes());
    }
    let [low, high, ..] = number(files.len());
    let count = [low, high, low, high];
    let end = [&[0x50, 0x4B, 0x05, 0x06, 0, 0, 0, 0], &count[..], &number(directory.len()), &number(file.len()), &[0, 0]].concat();
    [file, directory, end].concat()
}

/// One stored entry.
pub fn entry(name: &str, data: &[u8]) -> Vec<u8> {
    [&[0x50, 0x4B, 0x03, 0x04], attributes(name, data).as_slice(), name.as_bytes(), data].concat()
}

/// From the version needed to the length of the extra field.
fn attributes(name: &str, data: &[u8]) -> Vec<u8> {
    let (length, name) = (number(data.len()), number(name.len()));
    let fixed = [10, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
    let [low, high, ..] = name;
    [&fixed[..], &crc32(data).to_le_bytes(), &length, &length, &[low, high, 0, 0]].concat()
}

fn number(value: usize) -> [u8; 4] {
    u32::try_from(value).unwrap_or(u32::MAX).to_le_bytes()
}

/// The check sum of ISO 3309, reflected.
fn crc32(data: &[u8]) -> u32 {
    let mut sum = !0u32;
    for byte in data {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            let odd = sum & 1 == 1;
            sum >>= 1;
            if odd {
                sum ^= 0xEDB8_8320;
            }
        }
    }
    !sum
}
