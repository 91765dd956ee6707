//! Things by two small numbers, found without a hash. It knows nothing of what they are.

/// A table that is as large as the highest numbers asked of it.
pub(super) struct Table<T> {
    rows: Vec<Vec<Option<T>>>,
}

impl<T: Copy> Table<T> {
    /// Nothing is in it.
    pub(super) fn new() -> Table<T> {
        Table { rows: Vec::new() }
    }

    pub(super) fn get(&self, row: usize, column: usize) -> Option<T> {
        self.rows.get(row)?.get(column).copied().flatten()
    }

    pub(super) fn put(&mut self, row: usize, column: usize, thing: T) {
        self.rows.resize(self.rows.len().max(row + 1), Vec::new());
        let row = &mut self.rows[row];
        row.resize(row.len().max(column + 1), None);
        row[column] = Some(thing);
    }
}
