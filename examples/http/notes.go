package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

const maxNotes = 1000 // the oldest goes

type note struct {
	ID   int    `json:"id"`
	Text string `json:"text"`
}

// Notes are JSON, in memory. Handlers are greenlets of one thread, so there is no lock; but while one reads or writes
// others run.
type notes struct {
	last int
	all  []note
}

func (n *notes) list(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, append([]note{}, n.all...)) // a copy, and not null if there are none
}

func (n *notes) add(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if large := new(http.MaxBytesError); errors.As(err, &large) {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	var added note
	if err == nil {
		err = json.Unmarshal(body, &added)
	}
	if err == nil && added.Text == "" {
		err = errors.New(`a note is {"text": "..."}`)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	n.last++
	added.ID = n.last
	n.all = append(n.all, added)
	n.all = n.all[max(0, len(n.all)-maxNotes):]
	answer(w, http.StatusCreated, added)
}

func answer(w http.ResponseWriter, code int, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_, _ = w.Write(append(text, '\n')) // a client that is gone needs none
}
