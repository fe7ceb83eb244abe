//! The picture of a seed that authenticator apps read.

use crate::wire::Fault;
use qrcode::{Color, QrCode};

/// Pixels of a module's side, and modules of the quiet zone around the code (ISO/IEC 18004 asks for four).
const SCALE: usize = 4;
const QUIET: usize = 4;

/// A PNG of `otpauth://totp/DEVICE@ACCOUNT?secret=SEED`. Source: IAM API Reference, "VirtualMFADevice".
pub(super) fn png(device: &str, account: &str, seed: &str) -> Result<Vec<u8>, Fault> {
    let fault = || Fault::Internal("draw the code of an MFA device".to_owned());
    let address = format!(
        "otpauth://totp/Amazon%20Web%20Services:{device}@{account}?secret={seed}&issuer=Amazon%20Web%20Services"
    );
    let code = QrCode::new(address).map_err(|_| fault())?;
    let side = code.width();
    let colors = code.to_colors();
    let width = (side + 2 * QUIET) * SCALE;
    let dark = |x: usize, y: usize| {
        let at = |pixel: usize| (pixel / SCALE).checked_sub(QUIET).filter(|at| *at < side);
        let place = at(x).zip(at(y)).map(|(x, y)| y * side + x);
        place.and_then(|place| colors.get(place)) == Some(&Color::Dark)
    };
    let pixels: Vec<u8> = (0..width)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .map(|(x, y)| if dark(x, y) { 0 } else { 255 })
        .collect();
    let mut out = Vec::new();
    let side = u32::try_from(width).map_err(|_| fault())?;
    let mut encoder = png::Encoder::new(&mut out, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(|_| fault())?;
    writer.write_image_data(&pixels).map_err(|_| fault())?;
    writer.finish().map_err(|_| fault())?;
    Ok(out)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_picture_is_a_png_of_the_code() {
        let picture = png("phone", "123456789012", &"A".repeat(64)).unwrap();
        let decoder = png::Decoder::new(std::io::Cursor::new(picture));
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut pixels).unwrap();
        assert_eq!(frame.width, frame.height);
        let (light, dark) = (pixels.first(), pixels.iter().filter(|p| **p == 0).count());
        assert_eq!(light, Some(&255), "the quiet zone");
        assert!(dark > pixels.len() / 6, "the code itself");
    }
}
