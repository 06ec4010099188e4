//! Types that cross as they are in the program: their names are written once, and the compiler holds them against the twin.

/// Declares a type that crosses and what makes it of its twin. An enum is also turned back; it crosses in `snake_case`.
macro_rules! twin {
    (
        $(#[$about:meta])*
        enum $name:ident = $twin:ty { $($(#[$says:meta])* $variant:ident,)+ }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$says])* $variant,)+ }

        impl From<$twin> for $name {
            fn from(of: $twin) -> Self {
                match of { $(<$twin>::$variant => Self::$variant,)+ }
            }
        }

        impl From<$name> for $twin {
            fn from(of: $name) -> Self {
                match of { $($name::$variant => Self::$variant,)+ }
            }
        }
    };
    (
        $(#[$about:meta])*
        struct $name:ident = $twin:path { $($(#[$says:meta])* $field:ident: $kind:ty,)+ }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
        pub struct $name { $($(#[$says])* pub $field: $kind,)+ }

        impl From<$twin> for $name {
            fn from(of: $twin) -> Self {
                let $twin { $($field),+ } = of;
                $name { $($field),+ }
            }
        }
    };
}
