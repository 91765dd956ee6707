//! Reviewed reports.
