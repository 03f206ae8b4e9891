//! The time zones that a site can have, by region, as a form offers them.

use chrono_tz::{TZ_VARIANTS, Tz};

/// Others have names of old, of single countries, or none but their distance from UTC.
const REGIONS: [&str; 10] = [
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
];

pub struct Region {
    pub name: &'static str,
    pub zones: Vec<Zone>,
}

pub struct Zone {
    /// As IANA has it.
    pub name: &'static str,
    /// Within its region.
    pub place: String,
}

pub(super) fn regions() -> Vec<Region> {
    REGIONS.map(region).into()
}

fn region(name: &'static str) -> Region {
    let zones = TZ_VARIANTS.iter().filter_map(|zone| {
        let place = zone.name().strip_prefix(name)?.strip_prefix('/')?;
        Some(Zone {
            name: zone.name(),
            place: place.replace('_', " "),
        })
    });
    Region {
        name,
        zones: zones.collect(),
    }
}

/// One of these, or UTC.
pub(super) fn parse(name: &str) -> Option<Tz> {
    let is_offered = name == Tz::UTC.name() || REGIONS.contains(&name.split('/').next()?);
    name.parse().ok().filter(|_| is_offered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_offered_is_taken() {
        let regions = regions();
        let zones: Vec<&Zone> = regions.iter().flat_map(|region| &region.zones).collect();
        assert!(zones.len() > 400);
        for zone in zones {
            assert_eq!(parse(zone.name).map(|tz| tz.name()), Some(zone.name));
        }
        assert_eq!(parse("UTC"), Some(Tz::UTC));
        for other in [
            "",
            "Europe",
            "Europe/Nowhere",
            "EST5EDT",
            "Etc/GMT+3",
            "utc",
        ] {
            assert_eq!(parse(other), None, "{other}");
        }
    }
}
