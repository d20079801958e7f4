//! HTTP to calls and back.

mod settings;

pub use settings::{
    BasePath, DashboardSettings, HealthAccounts, HttpSettings, InvalidBasePath, Limits, MetricsAuth,
    loopback_networks,
};
