package main

func blocking(s *stage) error {
	s.say("soon")
	return nil
}
