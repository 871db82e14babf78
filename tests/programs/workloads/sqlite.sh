# sqlite3: tables with 200000 rows, indices, joins, windows, recursion, full text, json; in a file and in memory.
cat >work.sql <<'SQL'
pragma cache_size = -8000;
create table person (id integer primary key, name text, city integer, born integer, note text);
with recursive n(i, x) as (select 1, 1 union all select i + 1, (x * 48271) % 2147483647 from n where i < 200000)
insert into person select i, 'name' || (x % 50000), x % 300, 1930 + x % 90, substr(hex(x * 77777), 1, x % 40) from n;
create table city (id integer primary key, name text);
with recursive n(i) as (select 0 union all select i + 1 from n where i < 299) insert into city select i, 'city' || i from n;
create index person_city on person (city, born);
create index person_name on person (name);
analyze;
select count(*), sum(length(note)) from person;
select c.name, count(*), avg(p.born) from person p join city c on c.id = p.city group by c.name order by 2 desc, 1 limit 5;
select name, rank() over (partition by city order by born, id) as r from person order by r desc, name limit 5;
select group_concat(name, ',') from (select distinct name from person where city between 10 and 12 order by name limit 50);
update person set note = note || name where id % 7 = 0;
delete from person where id % 11 = 3;
select count(*), max(length(note)) from person;
create virtual table words using fts5 (body);
insert into words select name || ' ' || note || ' ' || (select name from city where city.id = person.city) from person where id < 40000;
select count(*) from words where words match 'city7 OR name1*';
create table document as select json_object('id', id, 'tags', json_array(name, city, born)) as j from person limit 30000;
select sum(json_extract(j, '$.tags[2]')), count(distinct json_extract(j, '$.tags[1]')) from document;
with recursive walk(id, depth) as (select 1, 0 union select p.id, depth + 1 from walk w join person p on p.id = w.id * 2 + 1 or p.id = w.id * 2 where depth < 13) select count(*), max(depth) from walk;
select a.city, count(*) from person a join person b on a.name = b.name and a.id < b.id group by a.city order by 2 desc, 1 limit 3;
vacuum;
pragma integrity_check;
SQL
sqlite3 file.db <work.sql
sqlite3 :memory: <work.sql
sqlite3 file.db .dump | sha256sum
for i in 1 2 3; do
  sqlite3 file.db "select count(*) from person where note like '%A$i%'" &
done | sort
wait
