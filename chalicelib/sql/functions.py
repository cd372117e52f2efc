"""The functions that Redshift has, by chapter of its documentation.

https://docs.aws.amazon.com/redshift/latest/dg/c_SQL_functions.html and the pages under it. Of each:
how many arguments it takes, and whether it only reads. An entry is the name and the number of
arguments, ``round(1-2)``, ``coalesce(1-)``; ``sysdate`` is written without brackets. What grammar
puts between arguments counts as one: ``CAST(a AS b)`` has one, ``DATEADD(day, 1, a)`` three.
"""

from types import MappingProxyType
from typing import NamedTuple


class Function(NamedTuple):
    """A function of Redshift; ``most`` is None when any number of arguments will do.

    ``effect`` is ``reads``, or ``acts`` when it changes something, or ``tells`` when it says what
    other people or statements did or may do.
    """

    name: str
    chapter: str
    least: int
    most: int | None
    brackets: bool
    effect: str


_READING = {
    'Aggregate functions': """
        any_value(1) avg(1) count(1) grouping(1-) grouping_id(1-) listagg(1-2) max(1) median(1)
        min(1) percentile_cont(1) percentile_disc(1) stddev(1) stddev_pop(1) stddev_samp(1) sum(1)
        var_pop(1) var_samp(1) variance(1)
    """,
    'Array functions': """
        array(0-) array_concat(2) array_contains(2-3) array_distinct(1) array_except(2-3)
        array_flatten(1) array_intersection(2-3) array_position(2) array_positions(2)
        array_sort(1-3) array_union(2-3) arrays_overlap(2) get_array_length(1) split_to_array(1-2)
        subarray(3)
    """,
    'Bit-wise aggregate functions': """
        bit_and(1) bit_or(1) bool_and(1) bool_or(1)
    """,
    'Conditional expressions': """
        coalesce(1-) decode(3-) greatest(1-) isnull(2) least(1-) nullif(2) nvl(1-) nvl2(3)
    """,
    'Data type formatting functions': """
        cast(1) convert(2) text_to_int_alt(1-2) text_to_numeric_alt(1-4) to_char(2) to_date(2-3)
        to_number(2) try_cast(1)
    """,
    # Not in a chapter of their own: the name of a type, called, casts to it.
    'Data types': """
        bool(1) bpchar(1) date(1) float4(1) float8(1) int2(1) int4(1) int8(1) text(1) timestamptz(1)
    """,
    'Date and time functions': """
        add_months(2) convert_timezone(2-3) current_date date_cmp(2) date_cmp_timestamp(2)
        date_cmp_timestamptz(2) date_part(2) date_part_year(1) date_trunc(2) dateadd(3) datediff(3)
        extract(1) getdate(0) interval_cmp(2) last_day(1) months_between(2) next_day(2) sysdate
        timeofday(0) timestamp_cmp(2) timestamp_cmp_date(2) timestamp_cmp_timestamptz(2)
        timestamptz_cmp(2) timestamptz_cmp_date(2) timestamptz_cmp_timestamp(2) timezone(2)
        to_timestamp(2-3) trunc(1-2)
    """,
    'Hash functions': """
        checksum(1) farmfingerprint64(1) fnv_hash(1-2) func_sha1(1) md5(1) murmur3_32_hash(1-2)
        sha(1) sha1(1) sha2(2)
    """,
    'HyperLogLog functions': """
        hll(1) hll_cardinality(1) hll_combine(1) hll_combine_sketches(2) hll_create_sketch(1)
    """,
    'JSON functions': """
        can_json_parse(1) is_valid_json(1) is_valid_json_array(1) json_array_length(1-2)
        json_extract_array_element_text(2-3) json_extract_path_text(2-) json_parse(1)
        json_serialize(1) json_serialize_to_varbyte(1)
    """,
    'Leader node-only functions': """
        age(1-2) array_lower(2) array_to_string(2) array_upper(2) col_description(2) current_time
        current_timestamp format_type(2) generate_series(2-3) get_byte(2) isfinite(1) localtime
        localtimestamp now(0) obj_description(1-2) pg_timezone_abbrevs(0) pg_timezone_names(0)
        set_bit(3) set_byte(3) string_to_array(2) to_ascii(1-2)
    """,
    'Machine learning functions': """
        explain_model(1)
    """,
    'Math functions': """
        abs(1) acos(1) asin(1) atan(1) atan2(2) cbrt(1) ceil(1) ceiling(1) cos(1) cot(1) degrees(1)
        dexp(1) dlog1(1) dlog10(1) exp(1) floor(1) ln(1) log(1-2) mod(2) pi(0) pow(2) power(2)
        radians(1) random(0) round(1-2) sign(1) sin(1) sqrt(1) tan(1)
    """,
    'Object functions': """
        get_number_attributes(1) lower_attribute_names(1) object(0-) object_transform(1-)
        upper_attribute_names(1)
    """,
    'Spatial functions': """
        addbbox(1) dropbbox(1) geometrytype(1) h3_boundary(1) h3_center(1) h3_fromlonglat(3)
        h3_frompoint(2) h3_isvalid(1) h3_polyfill(2) h3_resolution(1) h3_tochildren(2)
        h3_toparent(2) st_addpoint(2-3) st_angle(3-4) st_area(1) st_asbinary(1) st_asewkb(1)
        st_asewkt(1-2) st_asgeojson(1-2) st_ashexewkb(1) st_ashexwkb(1) st_astext(1-2) st_azimuth(2)
        st_boundary(1) st_buffer(2-3) st_centroid(1) st_collect(1-2) st_contains(2)
        st_containsproperly(2) st_convexhull(1) st_coveredby(2) st_covers(2) st_crosses(2)
        st_dimension(1) st_disjoint(2) st_distance(2) st_distancesphere(2-3) st_dwithin(3)
        st_endpoint(1) st_envelope(1) st_equals(2) st_exteriorring(1) st_force2d(1) st_force3d(1)
        st_force3dm(1) st_force3dz(1) st_force4d(1) st_geogfromtext(1) st_geogfromwkb(1)
        st_geohash(1-2) st_geometryn(2) st_geometrytype(1) st_geomfromewkb(1) st_geomfromewkt(1)
        st_geomfromgeohash(1-2) st_geomfromgeojson(1) st_geomfromgeosquare(1-2) st_geomfromtext(1-2)
        st_geomfromwkb(1-2) st_geosquare(1-2) st_interiorringn(2) st_intersection(2)
        st_intersects(2) st_isclosed(1) st_iscollection(1) st_isempty(1) st_ispolygonccw(1)
        st_ispolygoncw(1) st_isring(1) st_issimple(1) st_isvalid(1) st_length(1) st_length2d(1)
        st_lengthsphere(1) st_linefrommultipoint(1) st_lineinterpolatepoint(2) st_m(1)
        st_makeenvelope(4-5) st_makeline(1-2) st_makepoint(2-4) st_makepolygon(1-2) st_memsize(1)
        st_mmax(1) st_mmin(1) st_multi(1) st_ndims(1) st_npoints(1) st_nrings(1) st_numgeometries(1)
        st_numinteriorrings(1) st_numpoints(1) st_perimeter(1) st_perimeter2d(1) st_point(2)
        st_pointn(2) st_points(1) st_polygon(2) st_removepoint(2) st_reverse(1) st_setpoint(3)
        st_setsrid(2) st_simplify(2) st_srid(1) st_startpoint(1) st_touches(2) st_transform(2)
        st_union(2) st_within(2) st_x(1) st_xmax(1) st_xmin(1) st_y(1) st_ymax(1) st_ymin(1) st_z(1)
        st_zmax(1) st_zmin(1) supportsbbox(1)
    """,
    'String functions': """
        ascii(1) bpcharcmp(2) btrim(1-2) bttext_pattern_cmp(2) char_length(1) character_length(1)
        charindex(2) chr(1) collate(2) concat(2) crc32(1) difference(2) initcap(1) left(2) len(1)
        length(1) lower(1) lpad(2-3) ltrim(1-2) octet_length(1) octetindex(2) position(1)
        quote_ident(1) quote_literal(1) regexp_count(2-4) regexp_instr(2-6) regexp_replace(2-5)
        regexp_substr(2-5) repeat(2) replace(3) replicate(2) reverse(1) right(2) rpad(2-3)
        rtrim(1-2) soundex(1) split_part(3) strpos(2) strtol(2) substr(2-3) substring(1-3)
        textlen(1) translate(3) trim(1) upper(1)
    """,
    'SUPER type information functions': """
        decimal_precision(1) decimal_scale(1) is_array(1) is_bigint(1) is_boolean(1) is_char(1)
        is_decimal(1) is_float(1) is_integer(1) is_object(1) is_scalar(1) is_smallint(1)
        is_varchar(1) json_size(1) json_typeof(1) size(1)
    """,
    'System administration functions': """
        current_setting(1-2)
    """,
    'System information functions': """
        current_aws_account current_database(0) current_namespace current_schema(0)
        current_schemas(1) current_session_arn(0) current_user current_user_id default_iam_role(0)
        get_mounted_role(0) has_assumerole_privilege(2-3) has_database_privilege(2-3)
        has_schema_privilege(2-3) has_table_privilege(2-3) pg_backend_pid(0) pg_get_cols(1)
        pg_get_late_binding_view_cols(0) role_is_member_of(2) session_user slice_num(0) user
        user_is_member_of(2) version(0)
    """,
    'VARBYTE functions': """
        from_hex(1) from_varbyte(2) getbit(2) to_hex(1) to_varbyte(2)
    """,
    'Window functions': """
        cume_dist(0) dense_rank(0) first_value(1) lag(1-2) last_value(1) lead(1-2) nth_value(2)
        ntile(1) percent_rank(0) rank(0) ratio_to_report(1) row_number(0)
    """,
}
_ACTING = {
    'System administration functions': """
        change_query_priority(2) change_session_priority(2) change_user_priority(2)
        pg_cancel_backend(1) pg_terminate_backend(1) reboot_cluster(0) set_config(3)
    """,
}
# All who ask are one database user, on connections that they share.
_TELLING = {
    'System information functions': """
        last_user_query_id(0) pg_get_grantee_by_iam_role(1) pg_get_iam_role_by_user(1)
        pg_get_session_roles(0) pg_last_copy_count(0) pg_last_copy_id(0) pg_last_query_id(0)
        pg_last_unload_count(0) pg_last_unload_id(0)
    """,
}


def _function(entry: str, chapter: str, effect: str) -> Function:
    name, bracket, arguments = entry.rstrip(')').partition('(')
    least, dash, most = arguments.partition('-')
    fewest = int(least or 0)
    any_number = bool(dash) and not most
    return Function(
        name, chapter, fewest, None if any_number else int(most or fewest), bool(bracket), effect
    )


FUNCTIONS = MappingProxyType(
    {
        function.name: function
        for effect, chapters in (('reads', _READING), ('acts', _ACTING), ('tells', _TELLING))
        for chapter, entries in chapters.items()
        for function in (_function(entry, chapter, effect) for entry in entries.split())
    }
)
