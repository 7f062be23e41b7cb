package chart

import (
	"bytes"
	"encoding/xml"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/examples/compare/report"
)

// A node is an element of the SVG.
type node struct {
	XMLName xml.Name
	Attrs   []xml.Attr `xml:",any,attr"`
	Text    string     `xml:",chardata"`
	Nodes   []node     `xml:",any"`
}

func (n node) attr(name string) string {
	for _, a := range n.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// all returns the elements below n that have the class, in their order.
func (n node) all(class string) (found []node) {
	for _, child := range n.Nodes {
		for _, c := range strings.Fields(child.attr("class")) {
			if c == class {
				found = append(found, child)
			}
		}
		found = append(found, child.all(class)...)
	}
	return found
}

// words returns the text of n and of all below it.
func (n node) words() string {
	text := n.Text
	for _, child := range n.Nodes {
		text += " " + child.words()
	}
	return strings.Join(strings.Fields(text), " ")
}

// percent reads an attribute such as width="12.5%".
func (n node) percent(t *testing.T, name string) float64 {
	v, err := strconv.ParseFloat(strings.TrimSuffix(n.attr(name), "%"), 64)
	require.NoError(t, err)
	return v
}

func picture(t *testing.T, r *report.Report) node {
	var text bytes.Buffer
	require.NoError(t, SVG(&text, r))
	var n node
	require.NoError(t, xml.Unmarshal(text.Bytes(), &n))
	return n
}
