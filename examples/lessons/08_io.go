package main

func onIO(s *stage) error {
	s.say("soon")
	return nil
}
