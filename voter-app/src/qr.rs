//! Texts as QR codes: half blocks for a terminal, SVG for a page.

use qrcode::render::{svg, unicode};
use qrcode::{EcLevel, QrCode};

/// Half blocks, light on dark; nothing if the text is too long for a code.
pub fn blocks(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    Some(code.render::<unicode::Dense1x2>().dark_color(unicode::Dense1x2::Light).light_color(unicode::Dense1x2::Dark).build())
}

/// An SVG element; nothing if the text is too long for a code.
pub fn picture(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let svg = code.render::<svg::Color<'_>>().min_dimensions(240, 240).build();
    svg.find("<svg").and_then(|at| svg.get(at..)).map(str::to_owned) // without the XML declaration
}
