// Go's net/http with pgx, as in TechEmpower's tests. Statements are prepared by pgx, once a connection.
package main

import (
	"context"
	"encoding/json"
	"html/template"
	"log"
	"math/rand"
	"net/http"
	"os"
	"sort"
	"strconv"
	"time"

	"github.com/jackc/pgx/v4"
	"github.com/jackc/pgx/v4/pgxpool"
)

const (
	worlds      = 10000
	worldQuery  = "SELECT id, randomnumber FROM world WHERE id = $1"
	worldUpdate = "UPDATE world SET randomnumber = $2 WHERE id = $1"
	itemQuery   = "SELECT id, title, quantity, price, active, created FROM item ORDER BY id LIMIT 100"
)

type message struct {
	Message string `json:"message"`
}

type world struct {
	ID           int32 `json:"id"`
	RandomNumber int32 `json:"randomNumber"`
}

type fortune struct {
	ID      int32
	Message string
}

type item struct {
	ID       int32     `json:"id"`
	Title    string    `json:"title"`
	Quantity int32     `json:"quantity"`
	Price    float64   `json:"price"`
	Active   bool      `json:"active"`
	Created  time.Time `json:"created"`
}

var (
	pool   *pgxpool.Pool
	cached = map[int32]world{}
	page   = template.Must(template.New("fortunes").Parse(`<!DOCTYPE html><html><head><title>Fortunes</title></head>` +
		`<body><table><tr><th>id</th><th>message</th></tr>{{range .}}<tr><td>{{.ID}}</td><td>{{.Message}}</td></tr>{{end}}` +
		`</table></body></html>`))
)

func anyID() int32 { return int32(rand.Intn(worlds)) + 1 }

// From 1 to 500; what is no number is 1.
func count(r *http.Request, name string) int {
	n, err := strconv.Atoi(r.URL.Query().Get(name))
	if err != nil || n < 1 {
		return 1
	}
	if n > 500 {
		return 500
	}
	return n
}

// Different ones, in order, so that two updates cannot wait for each other.
func someIDs(n int) []int32 {
	seen, ids := make(map[int32]bool, n), make([]int32, 0, n)
	for len(ids) < n {
		if id := anyID(); !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	sort.Slice(ids, func(i, j int) bool { return ids[i] < ids[j] })
	return ids
}

// Answers with the value, or with 500.
func answer(w http.ResponseWriter, value any, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	bytes, err := json.Marshal(value)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(bytes)))
	w.Write(bytes)
}

func main() {
	config, err := pgxpool.ParseConfig(os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	config.MaxConns, config.MinConns = 10, 10
	if pool, err = pgxpool.ConnectConfig(context.Background(), config); err != nil {
		log.Fatal(err)
	}
	if err = fillCache(context.Background()); err != nil {
		log.Fatal(err)
	}
	rand.Seed(time.Now().UnixNano())
	http.HandleFunc("/plaintext", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.Write([]byte("Hello, World!"))
	})
	http.HandleFunc("/json", func(w http.ResponseWriter, _ *http.Request) { answer(w, message{"Hello, World!"}, nil) })
	http.HandleFunc("/db", db)
	http.HandleFunc("/fortunes", fortunes)
	http.HandleFunc("/cached-queries", cachedQueries)
	http.HandleFunc("/rows", rows)
	// A batch sends all statements with one Sync. TechEmpower's rules want each statement by itself, so that is a contender
	// of its own.
	if os.Getenv("PGX_BATCH") == "" {
		http.HandleFunc("/queries", queries)
		http.HandleFunc("/updates", updates)
	} else {
		http.HandleFunc("/queries", batchedQueries)
		http.HandleFunc("/updates", batchedUpdates)
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}

func fillCache(ctx context.Context) error {
	found, err := pool.Query(ctx, "SELECT id, randomnumber FROM world")
	if err != nil {
		return err
	}
	defer found.Close()
	for found.Next() {
		var one world
		if err := found.Scan(&one.ID, &one.RandomNumber); err != nil {
			return err
		}
		cached[one.ID] = one
	}
	return found.Err()
}

func db(w http.ResponseWriter, r *http.Request) {
	var one world
	err := pool.QueryRow(r.Context(), worldQuery, anyID()).Scan(&one.ID, &one.RandomNumber)
	answer(w, one, err)
}

func queries(w http.ResponseWriter, r *http.Request) {
	found := make([]world, count(r, "queries"))
	err := pool.AcquireFunc(r.Context(), func(c *pgxpool.Conn) error {
		for i := range found {
			if err := c.QueryRow(r.Context(), worldQuery, anyID()).Scan(&found[i].ID, &found[i].RandomNumber); err != nil {
				return err
			}
		}
		return nil
	})
	answer(w, found, err)
}

// The batches take no part in the request's end: pgx loses a connection where a batch is cancelled while it is prepared.
func batchedQueries(w http.ResponseWriter, r *http.Request) {
	found, batch := make([]world, count(r, "queries")), &pgx.Batch{}
	for range found {
		batch.Queue(worldQuery, anyID())
	}
	results := pool.SendBatch(context.Background(), batch)
	var err error
	for i := range found {
		if err = results.QueryRow().Scan(&found[i].ID, &found[i].RandomNumber); err != nil {
			break
		}
	}
	if closing := results.Close(); err == nil {
		err = closing
	}
	answer(w, found, err)
}

func updates(w http.ResponseWriter, r *http.Request) {
	var changed []world
	err := pool.BeginFunc(r.Context(), func(tx pgx.Tx) error {
		for _, id := range someIDs(count(r, "queries")) {
			var one world
			if err := tx.QueryRow(r.Context(), worldQuery, id).Scan(&one.ID, &one.RandomNumber); err != nil {
				return err
			}
			one.RandomNumber = anyID()
			changed = append(changed, one)
		}
		return writeBatch(r.Context(), tx, changed)
	})
	answer(w, changed, err)
}

func batchedUpdates(w http.ResponseWriter, r *http.Request) {
	var changed []world
	err := pool.BeginFunc(context.Background(), func(tx pgx.Tx) error {
		ids, batch := someIDs(count(r, "queries")), &pgx.Batch{}
		for _, id := range ids {
			batch.Queue(worldQuery, id)
		}
		results := tx.SendBatch(context.Background(), batch)
		for range ids {
			var one world
			if err := results.QueryRow().Scan(&one.ID, &one.RandomNumber); err != nil {
				results.Close()
				return err
			}
			one.RandomNumber = anyID()
			changed = append(changed, one)
		}
		if err := results.Close(); err != nil {
			return err
		}
		return writeBatch(context.Background(), tx, changed)
	})
	answer(w, changed, err)
}

// The updates in one batch, which TechEmpower's rules allow.
func writeBatch(ctx context.Context, tx pgx.Tx, changed []world) error {
	batch := &pgx.Batch{}
	for _, one := range changed {
		batch.Queue(worldUpdate, one.ID, one.RandomNumber)
	}
	return tx.SendBatch(ctx, batch).Close()
}

func fortunes(w http.ResponseWriter, r *http.Request) {
	found, err := pool.Query(r.Context(), "SELECT id, message FROM fortune")
	if err != nil {
		answer(w, nil, err)
		return
	}
	defer found.Close()
	all := []fortune{{0, "Additional fortune added at request time."}}
	for found.Next() {
		var one fortune
		if err := found.Scan(&one.ID, &one.Message); err != nil {
			answer(w, nil, err)
			return
		}
		all = append(all, one)
	}
	if err := found.Err(); err != nil {
		answer(w, nil, err)
		return
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Message < all[j].Message })
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := page.Execute(w, all); err != nil {
		log.Print(err)
	}
}

func cachedQueries(w http.ResponseWriter, r *http.Request) {
	found := make([]world, count(r, "count"))
	for i := range found {
		found[i] = cached[anyID()]
	}
	answer(w, found, nil)
}

func rows(w http.ResponseWriter, r *http.Request) {
	found, err := pool.Query(r.Context(), itemQuery)
	if err != nil {
		answer(w, nil, err)
		return
	}
	defer found.Close()
	items := make([]item, 0, 100)
	for found.Next() {
		var one item
		if err := found.Scan(&one.ID, &one.Title, &one.Quantity, &one.Price, &one.Active, &one.Created); err != nil {
			answer(w, nil, err)
			return
		}
		items = append(items, one)
	}
	answer(w, items, found.Err())
}
