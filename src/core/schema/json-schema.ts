/**
 * The schema as JSON Schema (draft-07, the one that editors' YAML servers know best), with each recipe's `with:` typed. It must not
 * know how it is printed.
 */

import * as z from 'zod/mini';
import { RESERVED_SERVICE_NAMES } from '../model.ts';
import type { Recipe, RecipeCatalog, RecipeOption } from '../recipe.ts';
import { projectSchema, serviceSchema } from '../schema.ts';
import { schemaNotes } from './fields.ts';

/** Any JSON Schema; keys as in the standard. */
export type JsonSchema = { readonly [key: string]: unknown };

/** The document that `lo schema` prints. */
export function jsonSchema(recipes: RecipeCatalog): JsonSchema {
  const { $schema, properties, ...rest } = convert(projectSchema);
  const { services, ...top } = properties as Readonly<Record<string, JsonSchema>>;
  return {
    $schema,
    title: 'loopyard.yaml',
    description: 'The services of a project, as Loopyard runs them on this machine.',
    ...rest,
    patternProperties: FREE_KEYS,
    properties: {
      ...top,
      services: {
        ...services,
        propertyNames: { ...(services?.propertyNames as JsonSchema), not: { enum: RESERVED_SERVICE_NAMES } },
        minProperties: 1,
        additionalProperties: service(recipes),
      },
    },
  };
}

const FREE_KEYS = { '^x-': { description: 'Free for notes and anchors; Loopyard does not read it.' } };

function service(recipes: RecipeCatalog): JsonSchema {
  const { $schema: _, properties, ...rest } = convert(serviceSchema);
  const { use, ...own } = properties as Readonly<Record<string, JsonSchema>>;
  return {
    ...rest,
    patternProperties: FREE_KEYS,
    properties: { use: { ...use, enum: recipes.map((recipe) => recipe.name) }, ...own },
    oneOf: [{ required: ['run'] }, { required: ['use'] }],
    dependencies: { with: ['use'], task: ['run'] },
    allOf: recipes.map(options),
  };
}

function options(recipe: Recipe): JsonSchema {
  const required = recipe.options.filter((option) => option.required === true).map((option) => option.name);
  return {
    if: { properties: { use: { const: recipe.name } }, required: ['use'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
    then: {
      properties: {
        with: {
          description: `Options of the recipe ${recipe.name}. ${recipe.summary}`,
          type: 'object',
          additionalProperties: false,
          properties: Object.fromEntries(recipe.options.map((option) => [option.name, optionSchema(option)])),
          ...(required.length === 0 ? {} : { required }),
        },
      },
      ...(required.length === 0 ? {} : { required: ['with'] }),
    },
  };
}

function optionSchema(option: RecipeOption): JsonSchema {
  const fallback = option.default === undefined ? {} : { default: option.default };
  const pattern = option.pattern === undefined ? {} : { pattern: option.pattern.regex };
  return { description: option.summary, ...typeSchema(option.type), ...pattern, ...fallback };
}

function typeSchema(type: RecipeOption['type']): JsonSchema {
  switch (type) {
    case 'string':
    case 'integer':
    case 'boolean':
      return { type };
    case 'string-list':
      return { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] };
    case 'map':
      return { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean'] } };
    default:
      return type satisfies never;
  }
}

function convert(schema: z.ZodMiniType): JsonSchema {
  return z.toJSONSchema(schema, {
    metadata: schemaNotes as never,
    target: 'draft-7',
    io: 'input',
  }) as JsonSchema;
}
