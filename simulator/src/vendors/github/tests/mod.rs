//! GitHub, room by room.
