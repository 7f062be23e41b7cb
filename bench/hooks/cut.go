package main

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"strings"
)

// cut returns the text of a file without the statements that ask "if s.hooks != nil", and how many these were; nil for a test.
func cut(name string) (text []byte, cuts int, err error) {
	if strings.HasSuffix(name, "_test.go") {
		return nil, 0, nil
	}
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution) // comments could end up in odd places
	if err != nil {
		return nil, 0, err
	}
	ast.Inspect(file, func(n ast.Node) bool {
		block, ok := n.(*ast.BlockStmt)
		if !ok {
			return true
		}
		kept := block.List[:0]
		for _, statement := range block.List {
			if asksForHooks(statement) {
				cuts++
				continue
			}
			kept = append(kept, statement)
		}
		block.List = kept
		return true
	})
	var out bytes.Buffer
	err = format.Node(&out, files, file)
	return out.Bytes(), cuts, err
}

// asksForHooks reports whether it is "if s.hooks != nil …", perhaps with more conditions.
func asksForHooks(statement ast.Stmt) bool {
	asks, ok := statement.(*ast.IfStmt)
	if !ok || asks.Else != nil {
		return false
	}
	cond, ok := asks.Cond.(*ast.BinaryExpr)
	for ok && cond.Op == token.LAND {
		cond, ok = cond.X.(*ast.BinaryExpr)
	}
	if !ok || cond.Op != token.NEQ {
		return false
	}
	field, ok := cond.X.(*ast.SelectorExpr)
	return ok && field.Sel.Name == "hooks"
}
