import {
  type BinaryOperationNode,
  CompiledQuery,
  type DatabaseConnection,
  type DataTypeNode,
  type Dialect,
  type Driver,
  OperatorNode,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  PrimitiveValueListNode,
  type QueryResult,
} from 'kysely'
import { type QueryResult as Answer, DatabaseError, type Pool, type PoolClient } from 'pg'
import { preparedName } from './prepared-names.ts'
import { retryConflicts } from './retry-conflicts.ts'
import { DatabaseLost, isPlanOutdated } from './sql-state.ts'
import { createTurns, type Turns } from './turns.ts'

/**
 * PostgreSQL for Kysely, such that what is written for SQLite means the same: a statement outside a transaction is run
 * again when it came between others', texts are compared byte by byte, and numbers have room for milliseconds.
 *
 * @param retryWithin ms: for so long a statement is tried again.
 */
export const postgresDialect = (pool: Pool, retryWithin: number): Dialect => ({
  createAdapter: () => new PostgresAdapter(),
  createQueryCompiler: () => new QueryCompiler(),
  createIntrospector: (db) => new PostgresIntrospector(db),
  createDriver: () => new PoolDriver(pool, retryWithin),
})

const types: Readonly<Record<string, string>> = {
  integer: 'bigint',
  real: 'double precision',
  // As SQLite sorts and compares, wherever the database was made.
  text: 'text collate "C"',
  // Times that better-auth reads and writes are ISO texts.
  date: 'text collate "C"',
}

/** @param type as SQLite has it. @returns what holds the same in PostgreSQL. */
export const postgresType = (type: string): string => types[type] ?? type

class QueryCompiler extends PostgresQueryCompiler {
  protected override visitDataType(node: DataTypeNode): void {
    this.append(postgresType(node.dataType))
  }

  /** Nothing is in an empty list. PostgreSQL does not take one. */
  protected override visitBinaryOperation(node: BinaryOperationNode): void {
    const isList = PrimitiveValueListNode.is(node.rightOperand) && node.rightOperand.values.length === 0
    const operator = isList && OperatorNode.is(node.operator) ? node.operator.operator : undefined
    if (operator === 'in' || operator === 'not in') this.append(operator === 'in' ? 'false' : 'true')
    else super.visitBinaryOperation(node)
  }
}

class PoolDriver implements Driver {
  readonly #pool: Pool
  readonly #retryWithin: number
  /** Not the pool's own: who waits for others learns nothing about the database, and must not call it lost. */
  readonly #turns: Turns

  constructor(pool: Pool, retryWithin: number) {
    this.#pool = pool
    this.#retryWithin = retryWithin
    this.#turns = createTurns(pool.options.max)
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<PoolConnection> {
    await this.#turns.take()
    const client = await this.#pool.connect().catch((cause) => {
      this.#turns.give()
      throw lostOr(cause)
    })
    return new PoolConnection(client, this.#retryWithin)
  }

  async beginTransaction(connection: PoolConnection): Promise<void> {
    connection.isInTransaction = true
    await connection.executeQuery(CompiledQuery.raw('begin'))
  }

  async commitTransaction(connection: PoolConnection): Promise<void> {
    await connection.commit()
  }

  async rollbackTransaction(connection: PoolConnection): Promise<void> {
    await connection.rollback()
  }

  async releaseConnection(connection: PoolConnection): Promise<void> {
    connection.release()
    this.#turns.give()
  }

  async destroy(): Promise<void> {
    await this.#pool.end()
  }
}

class PoolConnection implements DatabaseConnection {
  isInTransaction = false
  #isLost = false
  #arePlansOutdated = false
  #last: Promise<unknown> = Promise.resolve()
  readonly #client: PoolClient
  readonly #retryWithin: number

  constructor(client: PoolClient, retryWithin: number) {
    this.#client = client
    this.#retryWithin = retryWithin
    // Whoever waits for an answer hears of it too; without a listener the process would end.
    client.on('error', this.#onError)
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const { command, rowCount, rows } = await (this.isInTransaction
      ? this.#query(query)
      : retryConflicts(() => this.#query(query), { within: this.#retryWithin }))
    return counted.has(command) ? { rows, numAffectedRows: BigInt(rowCount ?? 0) } : { rows }
  }

  async commit(): Promise<void> {
    const { command } = await this.#query(CompiledQuery.raw('commit'))
    // So it ends a transaction in which a statement failed, though nobody rolled it back.
    if (command !== 'COMMIT') throw new Error('the transaction had failed, and was rolled back')
    this.isInTransaction = false
  }

  /** Never rejects: why it is rolled back is what has to be told, and a connection that is gone has done so by itself. */
  async rollback(): Promise<void> {
    if (!this.#isLost) await this.#query(CompiledQuery.raw('rollback')).catch(this.#onError)
    this.isInTransaction = false
  }

  release(): void {
    this.#client.off('error', this.#onError)
    this.#client.release(this.#isLost || this.#arePlansOutdated || this.isInTransaction)
  }

  // biome-ignore lint/correctness/useYield: there is nothing that we read as a stream
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error('not supported')
  }

  readonly #onError = () => {
    this.#isLost = true
  }

  /** One after another: a transaction may ask several things at once. */
  #query(query: CompiledQuery): Promise<Answer> {
    const answer = this.#last.then(() => this.#ask(query))
    this.#last = answer.catch(() => {})
    return answer
  }

  async #ask({ sql, parameters }: CompiledQuery): Promise<Answer> {
    const name = this.#arePlansOutdated ? undefined : preparedName(sql)
    const values = parameters.map(storable)
    try {
      return await this.#client.query({ text: sql, values, ...(name !== undefined && { name }) })
    } catch (cause) {
      this.#arePlansOutdated ||= isPlanOutdated(cause)
      const error = lostOr(cause)
      if (error instanceof DatabaseLost) this.#isLost = true
      throw error
    }
  }
}

const counted: ReadonlySet<string> = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE'])

/** The one character that PostgreSQL's texts cannot have is one like it there: what refuses the one refuses the other. */
const nul = /\0/g

const storable = (value: unknown): unknown =>
  typeof value === 'string' && value.includes('\0') ? value.replace(nul, '\x01') : value

/** What PostgreSQL said, or that it did not say anything. */
const lostOr = (cause: unknown): unknown =>
  cause instanceof DatabaseError
    ? cause
    : new DatabaseLost(cause instanceof Error ? cause.message : String(cause), { cause })
