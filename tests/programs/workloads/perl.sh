# perl: hashes, strings, regular expressions, sorting, closures, cloned interpreters in threads, forks.
perl -e '
use strict; use warnings; use threads; use Digest::MD5 qw(md5_hex); use Storable qw(freeze thaw); use Encode;
my $x = 1; sub rnd { $x = ($x * 48271) % 2147483647; return $x % $_[0]; }

my (%count, @words);
for my $i (0 .. 200_000) {
  my $word = join "", map { chr(97 + rnd(6)) } 0 .. rnd(7);
  push @words, $word; $count{$word}++;
}
print scalar(keys %count), " ", (sort { $count{$b} <=> $count{$a} || $a cmp $b } keys %count)[0], "\n";
print md5_hex(join ",", sort @words), "\n";

my $text = join " ", @words[0 .. 50_000];
my %pairs; $pairs{$2 . $1}++ while $text =~ /\b([a-c]+)([d-f]+)\b/g;
print md5_hex(join ",", map { "$_$pairs{$_}" } sort keys %pairs), "\n";
(my $changed = $text) =~ s/(a+)(?=b)/length($1) . uc $1/ge;
print length($changed), " ", md5_hex($changed), "\n";

my $long = ""; $long .= chr(0x100 + rnd(0x3000)) for 1 .. 100_000;
print md5_hex(encode("UTF-8", $long)), " ", length(decode("UTF-8", encode("UTF-8", $long))), "\n";

my $tree = { name => "root", children => [] };
my @open = ($tree);
for my $i (1 .. 30_000) {
  my $node = { name => "n$i", data => [ map { rnd(100) } 0 .. rnd(9) ], children => [] };
  push @{ $open[rnd(scalar @open)]{children} }, $node; push @open, $node;
}
$Storable::canonical = 1;
my $frozen = freeze($tree); @open = (); my $copy = thaw($frozen);
print length($frozen), " ", md5_hex(freeze($copy)), "\n";
undef $copy; undef $tree;

my @results = map { $_->join } map {
  my $n = $_;
  threads->create(sub {
    my %own; my $y = $n + 1;
    for (1 .. 40_000) { $y = ($y * 48271) % 2147483647; $own{ $y % 5000 } .= chr(65 + $y % 26); delete $own{ $y % 1000 } if $y % 3 == 0; }
    return md5_hex(join ",", map { "$_=$own{$_}" } sort { $a <=> $b } keys %own);
  })
} 0 .. 5;
print "$_\n" for @results;

for my $n (0 .. 5) {
  my $pid = open(my $pipe, "-|") // die;
  if (!$pid) { my %h = map { ("$n$_" => "x" x ($_ % 50)) } 1 .. 20_000; print md5_hex(join ",", map { "$_$h{$_}" } sort keys %h); exit 0; }
  print <$pipe>, "\n"; close $pipe or die;
}
'
