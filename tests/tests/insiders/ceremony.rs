use super::case::Row;
pub fn rows() -> Vec<Row> {
    vec![]
}
