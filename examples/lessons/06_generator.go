package main

func producerConsumer(s *stage) error {
	s.say("soon")
	return nil
}
