import { describe, expect, test } from 'vitest'
import { bareSelect, outermostStar, selectMistake } from '../../../runner/compile/check-select.ts'

describe('one SELECT', () => {
  test.each([
    'select 1',
    'SELECT 1;',
    '  -- comment; with semicolon\n select 1 ; ',
    'select \'a;b\', "c;d", $$e;f$$, $x$g;h$x$ -- ;',
    'with a as (select 1) select * from a',
    'with recursive a as (select 1 union all select 2) select * from a',
    '(select 1) union all (select 2)',
    '/* delete from x; /* nested */ ; */ select 1',
    "select 'delete from x'",
    "select E'it\\'s; drop' as x",
    'select replace(a, b, c), update from t',
    'select "delete", (update) from t',
    'from t select a',
    'select a from t for update',
    'values (1)',
    "select 'it''s'; -- end",
  ])('accepted: %s', (sql) => {
    expect(selectMistake(sql)).toBeUndefined()
  })

  test.each([
    ['', 'is empty', 0],
    ['-- only a comment', 'is empty', 0],
    ['delete from t', 'begins with DELETE', 0],
    ['  insert into t select 1', 'begins with INSERT', 2],
    ['create table x as select 1', 'begins with CREATE', 0],
    ['drop table x', 'begins with DROP', 0],
    ['/* select */ truncate t', 'begins with TRUNCATE', 13],
    ['select 1; select 2', 'more after the ";"', 8],
    ['select 1; drop table x', 'more after the ";"', 8],
    ["select ';' ; delete from t", 'more after the ";"', 11],
    ['with a as (delete from t returning *) select * from a', 'contains DELETE', 11],
    ['with a as (select 1) delete from t', 'contains DELETE', 21],
    ['with a as (select 1) insert into t select * from a', 'contains INSERT', 21],
    ['select a into t2 from t', 'SELECT INTO', 9],
    ['select 1\n--;;\n, 2', 'reserved', 9],
    ['explain select 1', 'begins with EXPLAIN', 0],
  ])('refused: %s', (sql, message, at) => {
    const mistake = selectMistake(sql)
    expect(mistake?.message).toContain(message)
    expect(mistake?.at).toBe(at)
  })
})

test.each([
  ['select * from t', 7],
  ['select t.* from t', 9],
  ['select distinct * from t', 16],
  ['select a, * from t', 10],
  ['with a as (select * from t) select b from a', undefined],
  ['select count(*) from t', undefined],
  ['select a * b from t', undefined],
  ["select '*' from t -- *", undefined],
  ['select a from (select * from t) x', undefined],
])('the star of %s is at %s', (sql, at) => {
  expect(outermostStar(sql)).toBe(at)
})

test.each([
  [' select 1 ;\n', 'select 1'],
  ["select ';'", "select ';'"],
  ['select 1; -- why', 'select 1 -- why'],
  ['select 1 -- ;', 'select 1 -- ;'],
])('bare %j is %j', (sql, bare) => {
  expect(bareSelect(sql)).toBe(bare)
})
