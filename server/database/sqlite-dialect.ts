import type { DatabaseSync } from 'node:sqlite'
import { NodeSqliteDialect } from '@better-auth/kysely-adapter/node-sqlite-dialect'
import { CompiledQuery, type DatabaseConnection, type Dialect, type Driver } from 'kysely'

/**
 * `node:sqlite` for Kysely, with transactions that take the write lock as they begin: two processes
 * (the server and a command) then wait for each other where they would otherwise fail half-way. Tables
 * are made in transactions too, which SQLite can do though the dialect does not say so.
 */
export function sqliteDialect(database: DatabaseSync): Dialect {
  const dialect = new NodeSqliteDialect({ database })
  return {
    createAdapter: () =>
      Object.defineProperty(dialect.createAdapter(), 'supportsTransactionalDdl', { value: true }),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createDriver: (): Driver => {
      const driver = dialect.createDriver()
      driver.beginTransaction = async (connection: DatabaseConnection) => {
        await connection.executeQuery(CompiledQuery.raw('begin immediate'))
      }
      const rollback = driver.rollbackTransaction.bind(driver)
      driver.rollbackTransaction = async (connection) => {
        // A full disk ends a transaction by itself; to end it again would fail, and hide why the first failed.
        if (database.isTransaction) await rollback(connection)
      }
      return driver
    },
  }
}
