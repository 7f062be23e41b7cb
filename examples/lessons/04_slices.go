package main

func fairness(s *stage) error {
	s.say("soon")
	return nil
}
