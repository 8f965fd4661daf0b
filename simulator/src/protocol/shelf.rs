//! What only one vendor changes, kept in a value of the vendor's own type.

use std::any::{Any, TypeId};
use std::collections::BTreeMap;

/// Values of vendors' own types, one of a type, made when first asked for.
#[derive(Default)]
pub struct Shelf(BTreeMap<TypeId, Box<dyn Any + Send>>);

impl Shelf {
    /// The value of this type.
    pub fn of<T: Any + Default + Send>(&mut self) -> &mut T {
        let value = self.0.entry(TypeId::of::<T>()).or_insert_with(|| Box::new(T::default()));
        value.downcast_mut().expect("a type's place holds a value of that type")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_has_a_place_of_its_own() {
        let mut shelf = Shelf::default();
        *shelf.of::<u32>() += 2;
        *shelf.of::<u64>() += 3;
        assert_eq!((*shelf.of::<u32>(), *shelf.of::<u64>()), (2, 3));
    }
}
