// Shows the description of the interface that the server gives.
'use strict';

function make(tag, ...children) {
  const element = document.createElement(tag);
  element.append(...children);
  return element;
}

function table(titles, rows) {
  const head = make('tr', ...titles.map((title) => make('th', title)));
  const body = rows.map((cells) => make('tr', ...cells.map((cell) => make('td', cell))));
  return make('table', make('thead', head), make('tbody', ...body));
}

const nameOf = (schema) => schema?.$ref?.split('/').pop();

function typeOf(schema) {
  if (!schema) return '';
  if (nameOf(schema)) return nameOf(schema);
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' or ');
  if (schema.prefixItems) return `[${schema.prefixItems.map(typeOf).join(', ')}]`;
  if (schema.type === 'array') return `list of ${typeOf(schema.items)}`;
  const range = [['minimum', 'from'], ['maximum', 'to']].filter(([key]) => key in schema)
    .map(([key, word]) => ` ${word} ${schema[key]}`).join('');
  return `${schema.type ?? 'any'}${range}`;
}

function operation(method, path, one) {
  const section = make('section', make('h2', make('code', `${method.toUpperCase()} ${path}`)),
    make('p', one.description ?? ''));
  if (one.parameters) {
    section.append(make('h3', 'Query'), table(['name', 'type', 'default', 'meaning'],
      one.parameters.map(({ name, schema, description }) => [make('code', name), typeOf(schema),
        `${schema.default ?? ''}`, description ?? schema.description ?? ''])));
  }
  if (one.requestBody) {
    section.append(make('h3', 'Body'), make('p', Object.keys(one.requestBody.content).join(', ')));
  }
  section.append(make('h3', 'Answers'), table(['status', 'content', 'meaning'],
    Object.entries(one.responses).map(([status, { content, description }]) => {
      const [kind, { schema }] = Object.entries(content ?? {})[0] ?? ['', {}];
      return [status, nameOf(schema) ?? kind, description];
    })));
  if (method === 'post') section.append(make('pre', example(path, one)));
  return section;
}

function example(path, one) {
  const type = Object.keys(one.requestBody.content)[1];
  const [kind, suffix] = type.split('/');
  const file = `${kind}.${suffix === 'jpeg' ? 'jpg' : suffix}`;
  return `curl -H 'Content-Type: ${type}' --data-binary @${file} '${location.origin}${path}'`;
}

function schemaSection(name, schema) {
  const rows = Object.entries(schema.properties ?? {}).map(([key, value]) =>
    [make('code', key), typeOf(value), value.description ?? '']);
  return make('section', make('h2', name), make('p', schema.description ?? ''),
    table(['name', 'type', 'meaning'], rows));
}

async function start() {
  const content = document.getElementById('content');
  const description = await (await fetch('api/openapi.json')).json();
  const parts = [];
  for (const [path, methods] of Object.entries(description.paths)) {
    for (const [method, one] of Object.entries(methods)) parts.push(operation(method, path, one));
  }
  const answers = Object.entries(description.components.schemas)
    .filter(([name]) => !name.includes('Validation'))
    .map(([name, schema]) => schemaSection(name, schema));
  content.replaceChildren(...parts, ...answers);
  content.removeAttribute('aria-busy');
}

start();
