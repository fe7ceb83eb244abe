//! `WriteSegmentRequest`. What rolecall cannot tell of an endpoint is refused here, with the reason.

use crate::pinpoint::{
    shape::{Member, Shape, may, must},
    tags,
};

static TEXTS: Shape = Shape::List(&Shape::Text);
static GROUPED: Shape = Shape::Word(&["ALL", "ANY", "NONE"]);
static SET: Shape = Shape::Object(&[
    may("DimensionType", &Shape::Word(&["INCLUSIVE", "EXCLUSIVE"])),
    must("Values", &TEXTS),
]);
static ATTRIBUTES: Shape = Shape::Map(&Shape::Object(&[
    may(
        "AttributeType",
        &Shape::Word(&[
            "INCLUSIVE",
            "EXCLUSIVE",
            "CONTAINS",
            "BEFORE",
            "AFTER",
            "BETWEEN",
            "ON",
        ]),
    ),
    must("Values", &TEXTS),
]));

static DIMENSIONS: Shape = Shape::Object(&[
    may("Attributes", &ATTRIBUTES),
    may(
        "Behavior",
        &Shape::Refused("rolecall records no app activity, so it cannot tell who was active"),
    ),
    may(
        "Demographic",
        &Shape::Object(&[
            may("AppVersion", &SET),
            may("Channel", &SET),
            may(
                "DeviceType",
                &Shape::Refused("endpoints carry no device type that rolecall could compare"),
            ),
            may("Make", &SET),
            may("Model", &SET),
            may("Platform", &SET),
        ]),
    ),
    may(
        "Location",
        &Shape::Object(&[
            may("Country", &SET),
            may(
                "GPSPoint",
                &Shape::Object(&[
                    must(
                        "Coordinates",
                        &Shape::Object(&[
                            must("Latitude", &Shape::Number),
                            must("Longitude", &Shape::Number),
                        ]),
                    ),
                    may("RangeInKilometers", &Shape::Number),
                ]),
            ),
        ]),
    ),
    may(
        "Metrics",
        &Shape::Map(&Shape::Object(&[
            must(
                "ComparisonOperator",
                &Shape::Word(&[
                    "EQUAL",
                    "GREATER_THAN",
                    "LESS_THAN",
                    "GREATER_THAN_OR_EQUAL",
                    "LESS_THAN_OR_EQUAL",
                ]),
            ),
            must("Value", &Shape::Number),
        ])),
    ),
    may("UserAttributes", &ATTRIBUTES),
]);

/// `WriteSegmentRequest`
pub(super) static WRITE: &[Member] = &[
    may("Name", &Shape::Text),
    may("Dimensions", &DIMENSIONS),
    may(
        "ImportDefinition",
        &Shape::Refused("segments are imported with CreateImportJob"),
    ),
    may(
        "SegmentGroups",
        &Shape::Object(&[
            may(
                "Groups",
                &Shape::List(&Shape::Object(&[
                    may("Dimensions", &Shape::List(&DIMENSIONS)),
                    may(
                        "SourceSegments",
                        &Shape::List(&Shape::Object(&[
                            must("Id", &Shape::Text),
                            may("Version", &Shape::Integer),
                        ])),
                    ),
                    may("SourceType", &GROUPED),
                    may("Type", &GROUPED),
                ])),
            ),
            may("Include", &GROUPED),
        ]),
    ),
    tags::MEMBER,
];
