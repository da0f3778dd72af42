"""What the replays of the incidents share: an outside that can be slow or silent, schools, and the sides."""
