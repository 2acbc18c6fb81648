// Node's http with pg: one process a core by cluster, statements prepared by name.
'use strict'
const cluster = require('node:cluster')
const http = require('node:http')
const { Pool } = require('pg')

const PROCESSES = 2
const WORLDS = 10000
const ADDED = 'Additional fortune added at request time.'
const world = { name: 'world', text: 'SELECT id, randomnumber AS "randomNumber" FROM world WHERE id = $1' }
const update = { name: 'update', text: 'UPDATE world SET randomnumber = $2 WHERE id = $1' }
const allFortunes = { name: 'fortunes', text: 'SELECT id, message FROM fortune' }
const items = {
  name: 'items',
  text: 'SELECT id, title, quantity, price, active, created FROM item ORDER BY id LIMIT 100'
}

if (cluster.isPrimary) {
  for (let i = 0; i < PROCESSES; i++) cluster.fork()
  cluster.on('exit', (worker, code) => process.exit(code || 1))
  process.on('SIGTERM', () => process.exit(0))
} else {
  serve().catch((error) => { console.error(error); process.exit(1) })
}

async function serve () {
  // Five for each of two processes: ten connections in all, as every other contender has.
  const pool = new Pool({ connectionString: process.env.DATABASE_URL, min: 5, max: 5, idleTimeoutMillis: 0 })
  const cached = new Map()
  const found = await pool.query('SELECT id, randomnumber AS "randomNumber" FROM world')
  for (const row of found.rows) cached.set(row.id, row)
  const handlers = makeHandlers(pool, cached)
  const server = http.createServer((request, response) => {
    const mark = request.url.indexOf('?')
    const handler = handlers[mark < 0 ? request.url : request.url.slice(0, mark)]
    if (!handler) return send(response, 404, 'text/plain', 'Nothing is here')
    const result = handler(response, mark < 0 ? '' : request.url.slice(mark + 1))
    if (result) result.catch((error) => send(response, 500, 'text/plain', String(error)))
  })
  server.keepAliveTimeout = 60000
  server.listen(Number(process.env.PORT), '127.0.0.1')
}

function makeHandlers (pool, cached) {
  const one = async (id, client = pool) => (await client.query({ ...world, values: [id] })).rows[0]
  return {
    '/plaintext': (response) => { send(response, 200, 'text/plain', 'Hello, World!') },
    '/json': (response) => { json(response, { message: 'Hello, World!' }) },
    '/db': async (response) => json(response, await one(anyID())),
    '/queries': async (response, query) => {
      json(response, await Promise.all(Array.from({ length: count(query, 'queries') }, () => one(anyID()))))
    },
    '/fortunes': async (response) => {
      const rows = [...(await pool.query(allFortunes)).rows, { id: 0, message: ADDED }]
      rows.sort((a, b) => (a.message < b.message ? -1 : 1))
      send(response, 200, 'text/html; charset=utf-8', page(rows))
    },
    '/updates': async (response, query) => json(response, await change(pool, one, someIDs(count(query, 'queries')))),
    '/cached-queries': (response, query) => {
      json(response, Array.from({ length: count(query, 'count') }, () => cached.get(anyID())))
    },
    '/rows': async (response) => json(response, (await pool.query(items)).rows)
  }
}

/** Reads and writes the rows in one transaction. */
async function change (pool, one, ids) {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    // The client queues: one statement follows the other without waiting for this loop.
    const rows = await Promise.all(ids.map((id) => one(id, client)))
    for (const row of rows) row.randomNumber = anyID()
    await Promise.all(rows.map((row) => client.query({ ...update, values: [row.id, row.randomNumber] })))
    await client.query('COMMIT')
    client.release()
    return rows
  } catch (error) {
    client.release(error)
    throw error
  }
}

function anyID () { return Math.floor(Math.random() * WORLDS) + 1 }

/** Different ones, in order, so that two updates cannot wait for each other. */
function someIDs (number) {
  const ids = new Set()
  while (ids.size < number) ids.add(anyID())
  return [...ids].sort((a, b) => a - b)
}

/** From 1 to 500; what is no number is 1. */
function count (query, name) {
  const number = parseInt(new URLSearchParams(query).get(name), 10)
  return Math.min(Math.max(number || 1, 1), 500)
}

const ESCAPES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function page (rows) {
  let html = '<!DOCTYPE html><html><head><title>Fortunes</title></head><body><table><tr><th>id</th><th>message</th></tr>'
  for (const row of rows) {
    html += '<tr><td>' + row.id + '</td><td>' + row.message.replace(/[&<>"']/g, (c) => ESCAPES[c]) + '</td></tr>'
  }
  return html + '</table></body></html>'
}

function json (response, value) { send(response, 200, 'application/json', JSON.stringify(value)) }

function send (response, status, type, text) {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) })
  response.end(text)
}
