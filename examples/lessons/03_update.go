package main

func lostUpdate(s *stage) error {
	s.say("soon")
	return nil
}
