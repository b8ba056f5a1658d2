import { type Node, type Program, Visitor } from 'oxc-parser'

/** Every variable that a script declares. */
export function ownVariables(program: Program): ReadonlySet<string> {
  const names = new Set<string>()
  const bind = (pattern: Node | null | undefined): void => {
    if (pattern?.type === 'Identifier') names.add(pattern.name)
    if (pattern?.type === 'ObjectPattern')
      for (const each of pattern.properties) bind(each.type === 'Property' ? each.value : each.argument)
    if (pattern?.type === 'ArrayPattern') pattern.elements.forEach(bind)
    if (pattern?.type === 'AssignmentPattern') bind(pattern.left)
    if (pattern?.type === 'RestElement') bind(pattern.argument)
  }
  const bindAll = ({ id, params }: { readonly id: Node | null; readonly params: readonly Node[] }) => {
    bind(id)
    params.forEach(bind)
  }
  new Visitor({
    VariableDeclarator: ({ id }) => bind(id),
    FunctionDeclaration: bindAll,
    FunctionExpression: bindAll,
    ArrowFunctionExpression: ({ params }) => params.forEach(bind),
    ClassDeclaration: ({ id }) => bind(id),
    CatchClause: ({ param }) => bind(param),
    ImportSpecifier: ({ local }) => bind(local),
    ImportDefaultSpecifier: ({ local }) => bind(local),
    ImportNamespaceSpecifier: ({ local }) => bind(local),
  }).visit(program)
  return names
}

/** Every property and method that a script gives to an object of its own. */
export function ownKeys(program: Program): ReadonlySet<string> {
  const names = new Set<string>()
  const add = ({ key, computed }: { readonly key: Node; readonly computed: boolean }) => {
    if (!computed && key.type === 'Identifier') names.add(key.name)
  }
  new Visitor({
    ObjectExpression: ({ properties }) => {
      for (const each of properties) if (each.type === 'Property') add(each)
    },
    MethodDefinition: add,
    PropertyDefinition: add,
  }).visit(program)
  return names
}

/** Identifiers that name a member, a key or a label, and so are no variable. */
export function plainNames(program: Program): ReadonlySet<Node> {
  const names = new Set<Node>()
  const key = (each: { readonly key: Node; readonly computed: boolean }) => {
    if (!each.computed) names.add(each.key)
  }
  new Visitor({
    MemberExpression: ({ property, computed }) => void (computed || names.add(property)),
    Property: key,
    MethodDefinition: key,
    PropertyDefinition: key,
    LabeledStatement: ({ label }) => void names.add(label),
    BreakStatement: ({ label }) => void (label && names.add(label)),
    ContinueStatement: ({ label }) => void (label && names.add(label)),
    ImportSpecifier: ({ imported }) => void names.add(imported),
    ExportSpecifier: ({ exported }) => void names.add(exported),
  }).visit(program)
  return names
}
