//! Names of which the first is as it was wished and the others have a number.

pub fn numbered(base: &str, number: u32) -> String {
    if number == 1 {
        base.to_owned()
    } else {
        format!("{base}-{number}")
    }
}
