import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findFakeTime } from '../../../scripts/nodes/ensure-node-services.ts'
import { createStandby, type PostgresCluster } from '../../support/nodes/postgres-cluster.ts'
import type { Nodes, ServiceNode } from '../../support/nodes/start-nodes.ts'

/** What a fault is made with. */
export interface Broken {
  readonly nodes: Nodes
  readonly postgres: PostgresCluster
  /** The node that it befalls, where it befalls one. */
  readonly node: ServiceNode
  /** From now on PostgreSQL is there. */
  readonly moveDatabase: (cluster: PostgresCluster) => void
}

export interface Fault {
  /** One node, or what all need. */
  readonly befalls: 'node' | 'everybody'
  /** For so long, in ms. */
  readonly lasting: number
  readonly begin: (broken: Broken) => Promise<void> | void
  readonly mend: (broken: Broken) => Promise<void> | void
  /** Before anything is started. */
  readonly prepare?: (postgres: PostgresCluster) => Promise<PostgresCluster>
  /** PostgreSQL on a file system of so many megabytes. */
  readonly ownDisk?: number
  /** A program that becomes the node that it befalls. */
  readonly through?: readonly string[]
}

/** A program that becomes a node by whose clock it is another time. */
const atTime = (offset: string) => [
  'env',
  `LD_PRELOAD=${findFakeTime()}`,
  `FAKETIME=${offset}`,
  'DONT_FAKE_MONOTONIC=1',
  'FAKETIME_DONT_FAKE_MONOTONIC=1',
]

/** A standby that has everything that was committed: it is waited for. */
async function prepareStandby(primary: PostgresCluster): Promise<PostgresCluster> {
  const standby = await createStandby(primary)
  await primary.query(`alter system set synchronous_standby_names = '*'`)
  await primary.query('select pg_reload_conf()')
  return standby
}

let standby: PostgresCluster | undefined

export const faults = {
  'SIGKILL of a node': {
    befalls: 'node',
    lasting: 3_000,
    begin: ({ node }) => node.kill(),
    mend: ({ node }) => node.start(),
  },
  'SIGSTOP of a node for 20 s': {
    befalls: 'node',
    lasting: 20_000,
    begin: ({ node }) => node.freeze(),
    mend: ({ node }) => node.thaw(),
  },
  'SIGKILL of NATS, back after 3 s': {
    befalls: 'everybody',
    lasting: 3_000,
    begin: ({ nodes }) => nodes.nats.stop(),
    mend: ({ nodes }) => nodes.nats.start(),
  },
  'NATS accepts and never answers, for 12 s': {
    befalls: 'everybody',
    lasting: 12_000,
    begin: ({ nodes }) => nodes.nats.kill('SIGSTOP'),
    mend: ({ nodes }) => nodes.nats.kill('SIGCONT'),
  },
  'SIGKILL of PostgreSQL, back after 4 s': {
    befalls: 'everybody',
    lasting: 4_000,
    begin: ({ postgres }) => postgres.kill(),
    mend: ({ postgres }) => postgres.start(),
  },
  'PostgreSQL restarted': {
    befalls: 'everybody',
    lasting: 0,
    begin: ({ postgres }) => postgres.stop(),
    mend: ({ postgres }) => postgres.start(),
  },
  'SIGSTOP of PostgreSQL for 12 s': {
    befalls: 'everybody',
    lasting: 12_000,
    begin: ({ postgres }) => postgres.freeze(),
    mend: ({ postgres }) => postgres.thaw(),
  },
  'PostgreSQL read-only for 12 s': {
    befalls: 'everybody',
    lasting: 12_000,
    begin: ({ postgres }) => postgres.setReadOnly(true),
    mend: ({ postgres }) => postgres.setReadOnly(false),
  },
  'PostgreSQL full for 12 s': {
    befalls: 'everybody',
    lasting: 12_000,
    ownDisk: 150,
    begin({ postgres }) {
      try {
        for (let n = 0; ; n += 1) writeFileSync(join(postgres.folder, `ballast-${n}`), Buffer.alloc(65_536))
      } catch {
        // There is no room left: that is what was wanted.
      }
    },
    async mend({ postgres }) {
      for (let n = 0; n < 4_000; n += 1) rmSync(join(postgres.folder, `ballast-${n}`), { force: true })
      if (!postgres.isRunning()) await postgres.start()
    },
  },
  'PostgreSQL failed over to a standby': {
    befalls: 'everybody',
    lasting: 1_000,
    async prepare(primary) {
      standby = await prepareStandby(primary)
      return standby
    },
    begin: ({ postgres }) => postgres.kill(),
    async mend({ moveDatabase }) {
      if (!standby) throw new Error('There is no standby.')
      await standby.query('select pg_promote()')
      moveDatabase(standby)
    },
  },
  'a node cut off from NATS for 12 s': {
    befalls: 'node',
    lasting: 12_000,
    begin: ({ node }) => node.toNats.cut(),
    mend: ({ node }) => node.toNats.mend(),
  },
  'a node whose packets to NATS are lost for 12 s': {
    befalls: 'node',
    lasting: 12_000,
    begin: ({ node }) => node.toNats.stall(),
    mend({ node }) {
      node.toNats.mend()
      node.toNats.drop()
    },
  },
  'a node whose packets to PostgreSQL are lost for 12 s': {
    befalls: 'node',
    lasting: 12_000,
    begin: ({ node }) => node.toDatabase.stall(),
    mend({ node }) {
      node.toDatabase.mend()
      node.toDatabase.drop()
    },
  },
  'a node whose clock is an hour ahead, then SIGKILL of it': {
    befalls: 'node',
    lasting: 3_000,
    through: atTime('+1h'),
    begin: ({ node }) => node.kill(),
    mend: ({ node }) => node.start(),
  },
  'a node whose clock is an hour behind, then SIGKILL of it': {
    befalls: 'node',
    lasting: 3_000,
    through: atTime('-1h'),
    begin: ({ node }) => node.kill(),
    mend: ({ node }) => node.start(),
  },
} as const satisfies Readonly<Record<string, Fault>>

export type FaultName = keyof typeof faults
